/* SPDX-License-Identifier: ISC */
/*
 * conf.c - makes a struct sts_conf from file, overrides and defaults; reference counts.
 *
 * First collects all values; then sets, in the order of the file, the one that counts for each setting. So every error is
 * reported, and a value that is overridden is not checked.
 */
#include "config.h"

#include "shared-cache/settings/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/settings/conf_private.h"

enum { PASSWORD_MAX = 1024, KEY_FILE_MAX = 1024 };

#define HEX_DIGITS "0123456789abcdef"

struct item {
	const struct sts_setting *row;	/* NULL: no such setting; then value is its name */
	char *value;
	struct sts_conf_place place;
	unsigned first_line;		/* not 0: line where the file already has this setting */
	struct item *next;
};

struct loader {
	struct sts_conf_box *box;
	struct sts_conf_place place;		/* the file as a whole */
	size_t mistakes;
	struct item *first, **last;
	struct item *chosen[STS_SETTINGS_MAX];	/* the value that counts; NULL: the default */
};

/* ---- collecting values ---- */

static enum sts_status
add_item(struct loader *l, const char *name, const char *value, const struct sts_conf_place *place)
{
	const struct sts_setting *row = sts_setting_find(name);
	struct item *item = calloc(1, sizeof(*item)), **chosen;

	if (item == NULL || (item->value = strdup(row == NULL ? name : value)) == NULL) {
		free(item);
		return STS_ENOMEM;
	}
	item->row = row;
	item->place = *place;
	*l->last = item;
	l->last = &item->next;
	if (row == NULL)
		return STS_OK;
	item->place.name = row->name;
	chosen = &l->chosen[row - sts_settings];
	if (*chosen != NULL && place->line > 0)
		item->first_line = (*chosen)->place.line;
	else
		*chosen = item;
	return STS_OK;
}

static enum sts_status
take_file_item(void *arg, const char *name, const char *value, unsigned line)
{
	struct loader *l = arg;
	struct sts_conf_place place = l->place;

	place.line = line;
	return add_item(l, name, value, &place);
}

/* The last override of a name wins, as in Postfix's programs. */
static enum sts_status
take_override(struct loader *l, const char *text)
{
	struct sts_conf_place place = l->place;
	char *copy = strdup(text), *name, *value;
	enum sts_status status = STS_OK;

	if (copy == NULL)
		return STS_ENOMEM;
	place.file = "-o";
	for (char *p = copy; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	}
	if (sts_conf_split(copy, &name, &value))
		status = add_item(l, name, value, &place);
	else
		sts_conf_complain(&place, "must be name=value");
	free(copy);
	return status;
}

/* ---- setting values ---- */

static void *
field_of(struct sts_conf *conf, const struct sts_setting *row)
{
	return (char *)conf + row->offset;
}

/* Stores the text that is printed and compared: numbers in canonical form, lists with single spaces. */
static enum sts_status
keep_text(struct sts_conf_box *box, const struct sts_setting *row, const char *value)
{
	char number[STS_CONF_NUMBER_CAP], *list;
	char **slot = &box->text[row - sts_settings];
	const char *element;
	struct sts_text text;
	size_t len;

	if (row->type->format != NULL) {
		row->type->format(field_of(&box->conf, row), number);
		return sts_conf_set_string(slot, number);
	}
	if (!row->type->is_list || strncmp(value, "file:", 5) == 0)
		return sts_conf_set_string(slot, value);
	list = malloc(strlen(value) + 1);
	if (list == NULL)
		return STS_ENOMEM;
	sts_text_init(&text, list, strlen(value) + 1);
	while ((element = sts_conf_next_element(&value, &len)) != NULL) {
		if (text.len > 0)
			sts_text_add(&text, " ");
		sts_text_add_bytes(&text, element, len);
	}
	free(*slot);
	*slot = list;
	return STS_OK;
}

static enum sts_status
set_value(struct loader *l, const struct sts_setting *row, const char *value, const struct sts_conf_place *place)
{
	enum sts_status status = row->type->set(row, value, field_of(&l->box->conf, row), place);

	if (status == STS_OK)
		status = keep_text(l->box, row, value);
	return status == STS_EINVAL ? STS_OK : status;
}

static enum sts_status
set_item(struct loader *l, const struct item *item)
{
	if (item->row == NULL)
		sts_setting_complain_unknown(&item->place, item->value);
	else if (item->first_line > 0)
		sts_conf_complain(&item->place, "given twice, first in line %u", item->first_line);
	else if (l->chosen[item->row - sts_settings] == item)
		return set_value(l, item->row, item->value, &item->place);
	return STS_OK;
}

/* Sets the defaults of all settings first, so that the checks across settings find a value even where one was invalid. */
static enum sts_status
set_all(struct loader *l)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < sts_setting_count && status == STS_OK; i++) {
		struct sts_conf_place place = l->place;

		place.name = sts_settings[i].name;
		status = set_value(l, &sts_settings[i], sts_settings[i].dflt, &place);
	}
	for (const struct item *item = l->first; item != NULL && status == STS_OK; item = item->next)
		status = set_item(l, item);
	return status;
}

/* Where a setting got its value; for errors about settings that do not go together. */
static struct sts_conf_place
place_of(const void *loader, const char *name)
{
	const struct loader *l = loader;
	const struct sts_setting *row = sts_setting_find(name);
	struct sts_conf_place place = l->place;

	if (l->chosen[row - sts_settings] != NULL)
		place = l->chosen[row - sts_settings]->place;
	place.name = row->name;
	return place;
}

/* ---- what depends on several settings, or on the machine ---- */

const char *
sts_conf_node(const struct sts_conf *conf)
{
	return conf->node_name[0] != '\0' ? conf->node_name : conf->authserv_id;
}

static enum sts_status
make_authserv_id(struct loader *l)
{
	struct sts_conf_place place = place_of(l, "authserv_id");
	struct sts_setting row = *sts_setting_find("authserv_id");
	char name[256] = "";

	if (l->box->conf.authserv_id[0] != '\0')
		return STS_OK;
	if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
		sts_conf_complain(&place, "this machine has no host name: a name must be given");
		return STS_OK;
	}
	for (char *p = name; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return row.type->set(&row, name, &l->box->conf.authserv_id, &place) == STS_ENOMEM ? STS_ENOMEM : STS_OK;
}

static enum sts_status
make_password(struct loader *l)
{
	struct sts_conf_place place = place_of(l, "redis_password_file");
	const char *path = l->box->conf.redis_password_file;
	enum sts_status status;
	char *text, *rest, *line;
	size_t len, size, line_len;

	if (path[0] == '\0')
		return sts_conf_set_string(&l->box->conf.redis_password, "");
	status = sts_conf_slurp(path, PASSWORD_MAX, &place, &text, &size);
	if (status != STS_OK)
		return status == STS_EINVAL ? STS_OK : status;
	rest = text;
	len = size;
	if (!sts_conf_next_line(&rest, &len, &line, &line_len) || line_len == 0 || len > 0 || strlen(line) != line_len)
		sts_conf_complain(&place, "%s does not hold one line with the password", path);
	else
		status = sts_conf_set_string(&l->box->conf.redis_password, line);
	explicit_bzero(text, size);
	free(text);
	return status;
}

static bool
parse_hex(const char *hex, size_t len, struct sts_header_key *out)
{
	if (len % 2 != 0 || len / 2 < STS_HEADER_KEY_MIN || len / 2 > sizeof(out->bytes))
		return false;
	for (size_t i = 0; i < len; i++) {
		const char *digit = sts_ascii_is_alnum(hex[i]) ? strchr(HEX_DIGITS, sts_ascii_lower(hex[i])) : NULL;

		if (digit == NULL)
			return false;
		out->bytes[i / 2] = (unsigned char)(out->bytes[i / 2] << 4 | (digit - HEX_DIGITS));
	}
	out->len = len / 2;
	return true;
}

static enum sts_status
make_header_key(struct loader *l)
{
	struct sts_conf_place place = place_of(l, "header_key_file");
	const char *path = l->box->conf.header_key_file;
	enum sts_status status;
	char *text, *rest, *line;
	size_t len, size, line_len;

	if (path[0] == '\0')
		return STS_OK;
	status = sts_conf_slurp(path, KEY_FILE_MAX, &place, &text, &size);
	if (status != STS_OK)
		return status == STS_EINVAL ? STS_OK : status;
	rest = text;
	len = size;
	if (!sts_conf_next_line(&rest, &len, &line, &line_len) || len > 0 ||
	    !parse_hex(line, line_len, &l->box->conf.header_key))
		sts_conf_complain(&place, "%s does not hold one line of 32 to 128 hex digits", path);
	explicit_bzero(text, size);
	free(text);
	return STS_OK;
}

/* Allocates one block: the pointers, then the text that they point into. */
static enum sts_status
make_rules(struct sts_conf *conf)
{
	const char *list = conf->weak_ciphers, *element;
	size_t len, count = 0, room;
	const char **patterns;
	char *text;

	while (sts_conf_next_element(&list, &len) != NULL)
		count++;
	room = (count + 1) * sizeof(*patterns);
	patterns = malloc(room + strlen(conf->weak_ciphers) + 1);
	if (patterns == NULL)
		return STS_ENOMEM;
	text = (char *)patterns + room;
	list = conf->weak_ciphers;
	for (size_t i = 0; (element = sts_conf_next_element(&list, &len)) != NULL; i++) {
		patterns[i] = text;
		memcpy(text, element, len);
		text[len] = '\0';
		text += len + 1;
	}
	patterns[count] = NULL;
	conf->rules.tls.weak_ciphers = patterns;
	conf->rules.tls.min_version = sts_tls_version_rank(conf->min_tls_version);
	conf->rules.tls.min_bits = (int)conf->min_cipher_bits;
	return STS_OK;
}

static void
check_recipient_action(struct loader *l, const char *name, enum sts_action action)
{
	struct sts_conf_place place = place_of(l, name);

	if (action != STS_ACTION_ACCEPT && l->box->conf.local_domains == NULL)
		sts_conf_complain(&place, "has no effect without local_domains");
}

static void
check_enforcement(struct loader *l)
{
	const struct sts_enforcement *e = &l->box->conf.enforcement;
	bool rejects = e->sender_enforce == STS_ACTION_REJECT || e->sender_testing == STS_ACTION_REJECT ||
	    e->recipient_enforce == STS_ACTION_REJECT || e->recipient_testing == STS_ACTION_REJECT;
	struct sts_conf_place place = place_of(l, "confirm_interval");

	check_recipient_action(l, "recipient_enforce_action", e->recipient_enforce);
	check_recipient_action(l, "recipient_testing_action", e->recipient_testing);
	if (rejects && e->confirm_ms < l->box->conf.recheck_interval_ms)
		sts_conf_complain(&place, "confirm_interval is less than recheck_interval");
}

static void
check_across(struct loader *l)
{
	const struct sts_conf *conf = &l->box->conf;
	struct sts_conf_place place;

	if (conf->negative_ttl_min_ms > conf->negative_ttl_max_ms) {
		place = place_of(l, "negative_ttl_min");
		if (place.line == 0)
			place = place_of(l, "negative_ttl_max");
		sts_conf_complain(&place, "negative_ttl_min is more than negative_ttl_max");
	}
	if (conf->ca_file[0] != '\0' && access(conf->ca_file, R_OK) != 0) {
		place = place_of(l, "ca_file");
		sts_conf_complain(&place, "cannot read %s: %s", conf->ca_file, strerror(errno));
	}
	if (conf->milter_socket[0] == '\0' && conf->socketmap_listen[0] == '\0' && conf->tlsrpt_listen[0] == '\0') {
		place = place_of(l, "milter_socket");
		sts_conf_complain(&place, "empty, and so are socketmap_listen and tlsrpt_listen: there is nothing to do");
	}
}

bool
sts_conf_enforces(const struct sts_conf *conf)
{
	return sts_domain_rules_count(conf->domain_rules) > 0 || sts_enforce_acts(&conf->enforcement);
}

/* ---- all of it ---- */

static enum sts_status
run_loader(struct loader *l, const char *file, const char *const *overrides, size_t count)
{
	enum sts_status status = STS_OK;

	if (file != NULL)
		status = sts_conf_read_file(file, &l->place, take_file_item, l);
	if (status == STS_EINVAL)	/* already reported: the file could not be read */
		status = STS_OK;
	for (size_t i = 0; i < count && status == STS_OK; i++)
		status = take_override(l, overrides[i]);
	if (status == STS_OK)
		status = set_all(l);
	if (status == STS_OK)
		status = make_authserv_id(l);
	if (status == STS_OK)
		status = make_password(l);
	if (status == STS_OK)
		status = make_header_key(l);
	if (status == STS_OK)
		status = make_rules(&l->box->conf);
	if (status == STS_OK) {
		sts_conf_check_redis(&l->box->conf, place_of, l);
		check_across(l);
		check_enforcement(l);
	}
	return status;
}

enum sts_status
sts_conf_load(const char *file, const char *const *overrides, size_t override_count, FILE *errors, struct sts_conf **out)
{
	struct loader l = { .box = calloc(1, sizeof(*l.box)) };
	enum sts_status status = STS_ENOMEM;
	struct item *item;
	struct sts_conf *conf;

	*out = NULL;
	if (l.box == NULL)
		return STS_ENOMEM;
	atomic_init(&l.box->refs, 1);
	conf = &l.box->conf;
	l.place = (struct sts_conf_place){ errors, file == NULL ? "defaults" : file, 0, NULL, &l.mistakes };
	l.last = &l.first;
	status = run_loader(&l, file, overrides, override_count);
	while ((item = l.first) != NULL) {
		l.first = item->next;
		free(item->value);
		free(item);
	}
	if (status == STS_OK && l.mistakes > 0)
		status = STS_EINVAL;
	if (status == STS_OK)
		*out = conf;
	else
		sts_conf_unref(&conf);
	return status;
}

struct sts_conf *
sts_conf_ref(struct sts_conf *conf)
{
	atomic_fetch_add(&((struct sts_conf_box *)conf)->refs, 1);
	return conf;
}

void
sts_conf_unref(struct sts_conf **conf)
{
	struct sts_conf_box *box = (struct sts_conf_box *)*conf;

	*conf = NULL;
	if (box == NULL || atomic_fetch_sub(&box->refs, 1) != 1)
		return;
	for (size_t i = 0; i < sts_setting_count; i++) {
		if (sts_settings[i].type->fini != NULL)
			sts_settings[i].type->fini(field_of(&box->conf, &sts_settings[i]));
		free(box->text[i]);
	}
	if (box->conf.redis_password != NULL)
		explicit_bzero(box->conf.redis_password, strlen(box->conf.redis_password));
	free(box->conf.redis_password);
	explicit_bzero(&box->conf.header_key, sizeof(box->conf.header_key));
	free((void *)(uintptr_t)box->conf.rules.tls.weak_ciphers);
	free(box);
}
