-- SPDX-License-Identifier: MIT
-- Whoever waits is found by address and name, as whoever has booked.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'waiting'
	AND index_name = 'waiting_email') > 0, 'DO 0',
	"ALTER TABLE waiting ADD KEY waiting_email (email)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics
	WHERE table_schema = DATABASE() AND table_name = 'waiting'
	AND index_name = 'waiting_name') > 0, 'DO 0',
	"ALTER TABLE waiting ADD KEY waiting_name (name)");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
