/* SPDX-License-Identifier: MIT */
/* What operators add: services and their slots. */
#include "config.h"

#include "store/store.h"

#include "db/conn.h"
#include "store/impl.h"

#include <string.h>

/* Reads the one id that a query finds.  1, 0, -1. */
static int id_find(struct store *s, const struct dbquery *query,
		   const struct dbvalue *values, size_t count,
		   int64_t *id_out, struct fault *why)
{
	if (dbconn_run(s->db, query, values, count, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r == 1)
		*id_out = dbconn_int(s->db, 0);
	return r;
}

int store_service_add(struct store *s, const struct service *service,
		      int64_t *id_out, struct fault *why)
{
	static const struct dbquery insert = {
		"INSERT INTO service (slug, name, description, place, zone, "
		"organiser_name, organiser_email, language, notice_minutes, "
		"reminder_minutes, offer_minutes, organiser_mails) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		NULL,
	};
	static const struct dbquery find = {
		"SELECT id FROM service WHERE slug = ?", "i",
	};
	const struct dbvalue values[] = {
		DB_TEXT(service->slug),
		DB_TEXT(service->name),
		DB_TEXT(service->description),
		DB_TEXT(service->place),
		DB_TEXT(service->zone),
		DB_TEXT(service->organiser_name),
		DB_TEXT(service->organiser_email),
		DB_TEXT(service->language),
		DB_INT(service->notice_min),
		DB_INT(service->reminder_min),
		DB_INT(service->offer_min),
		DB_INT(service->organiser_mails),
	};
	int r = id_find(s, &find, values, 1, id_out, why);

	if (r)
		return r < 0 ? -1 : 0;
	if (dbconn_run(s->db, &insert, values, ARRAY_COUNT(values), why) == 0) {
		*id_out = dbconn_insert_id(s->db);
		return 1;
	}
	/* Somebody else added it between the two. */
	if (dbconn_error(s->db) == DBCONN_DUPLICATE &&
	    id_find(s, &find, values, 1, id_out, why) == 1)
		return 0;
	return -1;
}

int store_service_change(struct store *s, const struct service *service,
			 struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE service SET name = ?, description = ?, place = ?, "
		"zone = ?, organiser_name = ?, organiser_email = ?, "
		"language = ?, notice_minutes = ?, reminder_minutes = ?, "
		"offer_minutes = ?, organiser_mails = ? WHERE id = ?",
		NULL,
	};
	const struct dbvalue values[] = {
		DB_TEXT(service->name),
		DB_TEXT(service->description),
		DB_TEXT(service->place),
		DB_TEXT(service->zone),
		DB_TEXT(service->organiser_name),
		DB_TEXT(service->organiser_email),
		DB_TEXT(service->language),
		DB_INT(service->notice_min),
		DB_INT(service->reminder_min),
		DB_INT(service->offer_min),
		DB_INT(service->organiser_mails),
		DB_INT(service->id),
	};

	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}

int store_slot_insert(struct store *s, const struct slot *slot,
		      int64_t *id_out, struct fault *why)
{
	static const struct dbquery insert_slot = {
		"INSERT INTO slot (id, service_id, starts_at, ends_at, zone) "
		"VALUES (?, ?, ?, ?, ?)",
		NULL,
	};
	static const struct dbquery insert_inventory = {
		"INSERT INTO slot_inventory (slot_id, capacity, booked) "
		"VALUES (?, ?, 0)",
		NULL,
	};
	/* Forms elsewhere, feeds and programs know the slot by it: a number
	 * that is counted up would come again after a restore. */
	int64_t id = token_number_draw();
	const struct dbvalue values[] = {
		DB_INT(id),
		DB_INT(slot->service_id),
		DB_TIME_MS(slot->starts_at_s * 1000),
		DB_TIME_MS(slot->ends_at_s * 1000),
		DB_TEXT(slot->zone),
	};

	must(*slot->zone != '\0');

	if (dbconn_run(s->db, &insert_slot, values, ARRAY_COUNT(values),
		       why) < 0)
		return -1;
	*id_out = id;

	const struct dbvalue inventory[] = {
		DB_INT(*id_out),
		DB_INT(slot->capacity),
	};

	return dbconn_run(s->db, &insert_inventory, inventory,
			  ARRAY_COUNT(inventory), why);
}

int store_slot_add(struct store *s, const struct slot *slot, int64_t *id_out,
		   struct fault *why)
{
	static const struct dbquery find = {
		"SELECT id FROM slot WHERE service_id = ? AND starts_at = ?",
		"i",
	};
	const struct dbvalue values[] = {
		DB_INT(slot->service_id),
		DB_TIME_MS(slot->starts_at_s * 1000),
	};
	int r = id_find(s, &find, values, ARRAY_COUNT(values), id_out, why);

	if (r)
		return r < 0 ? -1 : 0;
	if (dbconn_begin(s->db, why) < 0)
		return -1;
	if (store_slot_insert(s, slot, id_out, why) == 0)
		return dbconn_commit(s->db, why) < 0 ? -1 : 1;

	enum dbconn_error error = dbconn_error(s->db);

	dbconn_rollback(s->db);
	/* Somebody else added it between the two. */
	if (error == DBCONN_DUPLICATE &&
	    id_find(s, &find, values, ARRAY_COUNT(values), id_out, why) == 1)
		return 0;
	return -1;
}
