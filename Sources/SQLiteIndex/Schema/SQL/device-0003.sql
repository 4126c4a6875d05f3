-- Version 3 of the device's own database: whether a folder's directory was opened as the folder, so that its marker is to
-- be there. Those of before are taken to be: a marker that is missing is told then, and none is made.
ALTER TABLE folder ADD COLUMN made INTEGER NOT NULL DEFAULT 1 CHECK (made IN (0, 1));
-- Until then, the folder of this device whose marker the directory bears (rule 18); NULL if none.
ALTER TABLE folder ADD COLUMN replaces BLOB CHECK (length(replaces) = 16);
