-- SPDX-License-Identifier: MIT
-- Slots that take no more bookings.

-- closed: what was booked stays; nobody else books, moves or is offered a place
-- there, in the same statement that counts the places.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'slot_inventory'
	AND column_name = 'closed') > 0, 'DO 0',
	"ALTER TABLE slot_inventory
	ADD COLUMN closed TINYINT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
