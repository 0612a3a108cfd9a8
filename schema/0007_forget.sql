-- SPDX-License-Identifier: MIT
-- The job in the queue of somebody whose data were erased is forgotten, too.

-- forget: 0 no, 1 the relay takes what the job says of people out of the queue,
-- 2 it has, and looks once more, because Redis may come back as it was a moment
-- ago, 3 done.  The words of a mail server are not kept if it is not 0.
SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns
	WHERE table_schema = DATABASE() AND table_name = 'notification'
	AND column_name = 'forget') > 0, 'DO 0',
	"ALTER TABLE notification ADD COLUMN forget TINYINT NOT NULL DEFAULT 0");
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;

-- Of those that were erased before.
UPDATE notification n JOIN booking b ON b.id = n.booking_id
	SET n.forget = 1, n.due_at = NOW(3), n.reply = ''
	WHERE b.erased_at IS NOT NULL AND n.state <> 0 AND n.forget = 0
	AND (n.begins_at IS NULL OR n.begins_at <= NOW(3));
