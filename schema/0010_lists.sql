-- SPDX-License-Identifier: MIT
-- Indexes for lists that would read everything else: of a million bookings.

-- All services' slots by time; with the service, and so without the rows.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'slot'
	AND index_name = 'slot_start') > 0, 'DO 0',
	"ALTER TABLE slot ADD KEY slot_start (starts_at, service_id)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- What retention goes through.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'slot'
	AND index_name = 'slot_end') > 0, 'DO 0',
	"ALTER TABLE slot ADD KEY slot_end (ends_at)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- A part of a name is looked for in all names, but not in all rows.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'booking'
	AND index_name = 'booking_name') > 0, 'DO 0',
	"ALTER TABLE booking ADD KEY booking_name (name)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
