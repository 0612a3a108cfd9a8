-- SPDX-License-Identifier: MIT
-- Under which names calendars know a booking, kept with it.

-- calendar_domain: right of the '@' in its UID.  calendar_sender: the address
-- that its entries are from; '' = maild's sender.  NULL = as the settings have
-- it now: of bookings made before, which bookctl migrate fills as far as they
-- are ahead, and by the older program beside the newer one.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'booking'
	AND column_name = 'calendar_domain') > 0, 'DO 0',
	"ALTER TABLE booking
	ADD COLUMN calendar_domain VARCHAR(200)
		CHARACTER SET ascii COLLATE ascii_bin NULL,
	ADD COLUMN calendar_sender VARCHAR(254)
		CHARACTER SET ascii COLLATE ascii_bin NULL");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
