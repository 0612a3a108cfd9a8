-- SPDX-License-Identifier: MIT
-- A slot's own time zone, so that another one for its service relabels nothing.

-- slot.zone: in which its times are shown; its service's when it was made.
-- Without a value until all have one; the rows are filled again if that was cut
-- off.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'slot'
	AND column_name = 'zone') > 0, 'DO 0',
	"ALTER TABLE slot ADD COLUMN
	zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

UPDATE slot s JOIN service v ON v.id = s.service_id
	SET s.zone = v.zone WHERE s.zone IS NULL;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'slot'
	AND column_name = 'zone' AND is_nullable = 'NO') > 0, 'DO 0',
	"ALTER TABLE slot MODIFY COLUMN
	zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- was_zone: of a moved booking, the zone of the slot that it left ('': as the
-- new one's).
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND column_name = 'was_zone') > 0, 'DO 0',
	"ALTER TABLE notification ADD COLUMN
	was_zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT ''");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
