/* SPDX-License-Identifier: MIT */
/* Loads what the site is made of. */
#include "config.h"

#include "site/site.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "domain/model.h"
#include "outbox/publish.h"
#include "outbox/quota.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "site/templates.h"
#include "store/store.h"
#include "store/view.h"
#include "store/waiting.h"
#include "text/lang.h"
#include "text/templatefile.h"

/* What follows the host in "https://host/path". */
static const char *path_of(const char *url)
{
	const char *host = strstr(url, "://");
	const char *slash = host != NULL ? strchr(host + 3, '/') : NULL;

	return slash != NULL ? slash : "";
}

int site_load_texts(struct site *site, struct fault *why)
{
	const struct appconf *c = &site->conf;
	char *locale = alloc_printf("%s/locale", c->data_dir);
	char *web = alloc_printf("%s/templates/web", c->data_dir);
	char *edited = alloc_printf("%s/" TEMPLATEFILE_PAGES,
				    c->template_dir);

	site->langs = lang_set_new(locale, c->locale_dir, c->default_locale,
				   why);
	if (site->langs != NULL)
		site->templates = page_templates_new(
			web, *c->template_dir != '\0' ? edited : "", why);
	free(locale);
	free(web);
	free(edited);
	return site->templates != NULL ? 0 : -1;
}

void site_alert(const struct site *site)
{
	lang_set_alert(site->langs);
	page_templates_alert(site->templates);
}

int site_load(struct site *site, const char *conf_path, struct fault *why)
{
	*site = (struct site){ 0 };
	if (appconf_load(conf_path, &site->conf, why) < 0)
		return -1;
	/* base_url is shorter than root: its row says so. */
	(void)str_copy(site->root, sizeof(site->root),
		       path_of(site->conf.base_url));
	if (*site->conf.ref_prefix != '\0') {
		(void)snprintf(site->cell, sizeof(site->cell), "?cell=%s",
			       site->conf.ref_prefix);
		(void)snprintf(site->cell_too, sizeof(site->cell_too),
			       "&cell=%s", site->conf.ref_prefix);
	}
	(void)palette_make(site->conf.site_colour, &site->palette);
	return 0;
}

void site_release(struct site *site)
{
	store_free(site->store);
	dbconn_free(site->db);
	publish_free(site->publish);
	quota_free(site->quota);
	rconn_free(site->probe);
	page_templates_free(site->templates);
	lang_set_free(site->langs);
	appconf_secrets_release(&site->secrets);
	appconf_release(&site->conf);
	*site = (struct site){ 0 };
}

struct rconn_opts site_redis(const struct site *site, int connect_ms,
			     int command_ms)
{
	struct rconn_opts opts = redisconf_opts(&site->conf.redis,
						&site->secrets.redis,
						connect_ms, command_ms);

	opts.names = site->names;
	return opts;
}

struct queue *site_queue(const struct site *site, int limit_ms,
			 struct rconn **redis_out, struct fault *why)
{
	const struct rconn_opts opts = site_redis(site, PUBLISH_LIMIT_MS,
						  limit_ms);

	*redis_out = rconn_new(&opts, why);
	return *redis_out ? queue_new(*redis_out, site->conf.redis.prefix) :
			    NULL;
}

int site_connect(struct site *site, struct fault *why)
{
	const struct appconf *c = &site->conf;
	const struct rconn_opts redis = site_redis(site, PUBLISH_LIMIT_MS,
						   PUBLISH_LIMIT_MS);
	const struct publish_opts publish = {
		.redis = redis,
		.prefix = c->redis.prefix,
	};

	site->mail = (struct notification_opts){
		.base_url = c->base_url,
		.jsonld = c->mail_jsonld,
		.key = { site->secrets.server_key,
			 strlen(site->secrets.server_key) },
		.langs = site->langs,
		.site_name = c->site_name,
		/* Else it would be asked for where everybody can read it. */
		.site_logo = str_starts_with(c->base_url, "https://") ?
			c->site_logo : "",
		.accent = site->palette.accent,
		.dark_accent = site->palette.dark_accent,
	};
	/* appconf_load() has read it, too. */
	must(quiet_hours_read(c->quiet_hours, &site->mail.quiet));
	site->db_opts = appconf_database(c);
	site->db_opts.password = site->secrets.mysql_password;
	site->db_opts.choice = site->db_choice;
	site->db_opts.names = site->names;
	site->db = dbconn_new(&site->db_opts);
	site->store = store_new(site->db);
	store_calendar_set(site->store, c->message_domain,
			   c->mail_from_address);
	store_ref_prefix_set(site->store, c->ref_prefix);
	site->publish = publish_new(&publish, why);
	if (site->publish == NULL)
		return -1;

	const struct quota_opts limits = {
		.redis = redis,
		.prefix = c->redis.prefix,
		.key = site->mail.key,
		.address_a_day = c->address_mails_a_day,
		.client_an_hour = c->client_mails_an_hour,
	};

	site->quota = quota_new(&limits, why);
	if (site->quota == NULL)
		return -1;
	site->probe = rconn_new(&redis, why);
	return site->probe != NULL ? 0 : -1;
}

void site_later(struct site *site,
		void (*later)(struct site *site, void *arg), void *arg)
{
	must(site->later == NULL);
	site->later = later;
	site->later_arg = arg;
}

void site_finish(struct site *site)
{
	void (*later)(struct site *site, void *arg) = site->later;

	site->later = NULL;
	if (later != NULL)
		later(site, site->later_arg);
}

void site_capability(const struct site *site, const struct booking_view *view,
		     char out[TOKEN_LEN + 1])
{
	token_format(&site->mail.key, view->ref, &view->link, out);
}

void site_stamp(const struct site *site, const char *what,
		char out[STAMP_SIZE])
{
	stamp_make(&site->mail.key, what, wall_ms() / 1000, out);
}

bool site_stamp_is_fresh(const struct site *site, const char *what,
			 const char *stamp)
{
	return stamp_is_fresh(&site->mail.key, what, stamp, wall_ms() / 1000);
}

/* By today's key or the one before; takes the same time whichever it is. */
static bool is_genuine(const struct site *site, const struct token_seed *seed,
		       const char mac[TOKEN_MAC_LEN + 1])
{
	const char *old = site->secrets.server_key_old;
	struct token_key before = { old, old ? strlen(old) : 0 };
	bool now = token_is_genuine(&site->mail.key, seed, mac);

	return now | (old && token_is_genuine(&before, seed, mac));
}

int site_booking(struct site *site, const char *capability,
		 struct booking_view *out, struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	if (!token_parse(capability, ref, mac))
		return 0;
	int found = store_booking_by_ref(site->store, ref, out, why);

	if (found == 1 && !is_genuine(site, &out->link, mac)) {
		booking_view_release(out);
		found = 0;
	}
	return found;
}

int site_waiting(struct site *site, const char *capability,
		 struct waiting_view *out, struct fault *why)
{
	char ref[TOKEN_REF_LEN + 1];
	char mac[TOKEN_MAC_LEN + 1];

	if (!token_parse(capability, ref, mac))
		return 0;
	int found = store_waiting_by_ref(site->store, ref, out, why);

	if (found == 1 && !is_genuine(site, &out->as_booking.link, mac)) {
		waiting_view_release(out);
		found = 0;
	}
	return found;
}
