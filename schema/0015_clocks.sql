-- SPDX-License-Identifier: MIT
-- What clocks showed when a slot was made: that time was promised.

-- wall_at: the beginning by the clocks of its zone.  A country may change its
-- clocks after people have booked; starts_at then means another time.  NULL =
-- not written down yet: the relay does that for what is ahead, some at a time.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'slot'
	AND column_name = 'wall_at') > 0, 'DO 0',
	"ALTER TABLE slot ADD COLUMN wall_at DATETIME NULL");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
