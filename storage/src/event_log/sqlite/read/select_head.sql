SELECT epoch, position, recorded_at FROM head
