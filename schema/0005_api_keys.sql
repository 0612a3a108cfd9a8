-- SPDX-License-Identifier: MIT
-- Keys of the admin interface.

-- name: stands in the history as "key:NAME", so a name is never given twice,
-- not even after its key was revoked.  key_hash: SHA-256 of the key, which is
-- kept nowhere.  may_write: 0 = it may only read.  used_on: the last day (UTC)
-- on which it opened something; NULL = never yet.
CREATE TABLE IF NOT EXISTS api_key (
	id BIGINT NOT NULL AUTO_INCREMENT,
	name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
	key_hash BINARY(32) NOT NULL,
	may_write TINYINT NOT NULL,
	created_at DATETIME(3) NOT NULL,
	used_on DATETIME(3) NULL,
	revoked_at DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY api_key_name (name),
	UNIQUE KEY api_key_hash (key_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
