-- Version 6 of a folder's index: a device that was removed and is a member again begins a new one (rule 19).

-- Which of the device's memberships the index is of; NULL where it was made before that was noted.
ALTER TABLE identity ADD COLUMN incarnation INTEGER;
