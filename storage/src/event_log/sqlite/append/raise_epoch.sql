UPDATE head SET epoch = epoch + 1
