-- SPDX-License-Identifier: MIT
-- Names are found by the beginning of any of their words, without reading the
-- others.

-- begins: the name from one of its words on (domain/namekey.h); number: which
-- of them.  bookctl migrate makes those of the names that are there.
CREATE TABLE IF NOT EXISTS booking_namekey (
	booking_id BIGINT NOT NULL,
	number TINYINT NOT NULL,
	begins VARCHAR(32) NOT NULL,
	PRIMARY KEY (booking_id, number),
	KEY booking_namekey_begins (begins),
	CONSTRAINT booking_namekey_booking FOREIGN KEY (booking_id)
		REFERENCES booking (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS waiting_namekey (
	waiting_id BIGINT NOT NULL,
	number TINYINT NOT NULL,
	begins VARCHAR(32) NOT NULL,
	PRIMARY KEY (waiting_id, number),
	KEY waiting_namekey_begins (begins),
	CONSTRAINT waiting_namekey_waiting FOREIGN KEY (waiting_id)
		REFERENCES waiting (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
