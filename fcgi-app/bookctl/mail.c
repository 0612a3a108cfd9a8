/* SPDX-License-Identifier: MIT */
/* bookctl email, retry and abort: where a booking's mails go, and whether. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/change.h"
#include "base/ticks.h"
#include "domain/address.h"
#include "domain/model.h"
#include "store/change.h"
#include "store/mails.h"

#include <sysexits.h>

int ctl_email(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	enum { REF, ADDRESS, JSON, COUNT };
	static const char *const names[COUNT] = { "", "address", "-json" };
	const char *texts[COUNT] = { NULL };
	struct store_actor by = ctl_actor(ctl);
	struct booking_view v;
	char email[ADDRESS_MAX + 1];
	int result = STORE_MEANWHILE;

	if (ctl_options(argc, argv, names, COUNT, texts, why) ||
	    !texts[REF] || !texts[ADDRESS])
		return EX_USAGE;
	if (address_normalise(texts[ADDRESS], email) != ADDRESS_GOOD) {
		(void)fault_set(why, FAULT_REJECT,
				"--address: not an address that mail can be "
				"sent to");
		return EX_DATAERR;
	}

	int status = ctl_booking_find(ctl, texts[REF], &v, why);

	if (status)
		return status;
	if (organise_hindrance(&v, true, wall_ms() / 1000) == FAIL_NONE)
		result = store_readdress(ctl->store, &v, email, &by, why);
	status = ctl_booking_done(v.ref, "readdressed", texts[JSON] != NULL,
				  result, why);
	booking_view_release(&v);
	return status;
}

/* One mail of a booking, by the id that trace prints. */
static int mail_change(struct ctl *ctl, int argc, char **argv, bool retry,
		       struct fault *why)
{
	enum { REF, MAIL, JSON, COUNT };
	static const char *const names[COUNT] = { "", "mail", "-json" };
	const char *texts[COUNT] = { NULL };
	struct store_actor by = ctl_actor(ctl);
	struct booking_view v;
	int result;

	if (ctl_options(argc, argv, names, COUNT, texts, why) ||
	    !texts[REF] || !texts[MAIL])
		return EX_USAGE;
	if (retry && !ctl->queue) {
		(void)fault_set(why, FAULT_CONFIG, "the queue's password "
				"cannot be read: run as who may");
		return EX_CONFIG;
	}

	int status = ctl_booking_find(ctl, texts[REF], &v, why);

	if (status)
		return status;
	result = retry ?
		organise_retry_by(ctl->store, ctl->queue, &v, texts[MAIL], &by,
				  why) :
		store_mail_abort(ctl->store, v.id, texts[MAIL], &by, why);
	status = ctl_booking_done(v.ref, retry ? "retried" : "aborted",
				  texts[JSON] != NULL, result, why);
	booking_view_release(&v);
	return status;
}

int ctl_retry(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	return mail_change(ctl, argc, argv, true, why);
}

int ctl_abort(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	return mail_change(ctl, argc, argv, false, why);
}
