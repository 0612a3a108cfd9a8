-- SPDX-License-Identifier: MIT
-- What a service calls its bookings.

-- noun: '' a booking, 'appointment', 'visit', 'place'.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'service'
	AND column_name = 'noun') > 0, 'DO 0',
	"ALTER TABLE service
	ADD COLUMN noun VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin
		NOT NULL DEFAULT ''");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
