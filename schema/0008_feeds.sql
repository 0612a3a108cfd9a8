-- SPDX-License-Identifier: MIT
-- Calendar feeds of organisers.

-- name: for people.  token_hash: SHA-256 of what stands in the feed's address,
-- which is kept nowhere.  version: counts how often the address was changed.
-- service_id: NULL = all services.  names: 1 = visitors' names are in it.
-- used_on: the last day (UTC) on which it was read; NULL = never yet.
CREATE TABLE IF NOT EXISTS feed (
	id BIGINT NOT NULL AUTO_INCREMENT,
	name VARCHAR(80) NOT NULL,
	token_hash BINARY(32) NOT NULL,
	version INT NOT NULL DEFAULT 0,
	service_id BIGINT NULL,
	names TINYINT NOT NULL,
	created_at DATETIME(3) NOT NULL,
	used_on DATETIME(3) NULL,
	PRIMARY KEY (id),
	UNIQUE KEY feed_name (name),
	UNIQUE KEY feed_token (token_hash),
	CONSTRAINT feed_service FOREIGN KEY (service_id) REFERENCES service (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
