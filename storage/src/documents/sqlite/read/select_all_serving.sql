SELECT parts, part, position, epoch, collection, generation
FROM serving
LEFT JOIN progress USING (collection, generation)
