/* SPDX-License-Identifier: ISC */
/* postfix_value.c - parses the values of Postfix's settings. */
#include "config.h"

#include "stsctl/machine/postfix_value.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

static const char separators[] = ", \t\r\n";

/* ---- lists ---- */

const char *
postfix_value_next(const char **list, size_t *len)
{
	const char *begin = *list + strspn(*list, separators), *end;
	size_t depth = 0;

	for (end = begin; *end != '\0' && (depth > 0 || strchr(separators, *end) == NULL); end++) {
		if (*end == '{')
			depth++;
		else if (*end == '}' && depth > 0)
			depth--;
	}
	*list = end;
	*len = (size_t)(end - begin);
	return *len == 0 ? NULL : begin;
}

static bool
is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && sts_ascii_same_letters(s, word, len);
}

bool
postfix_value_lists(const char *list, const char *element)
{
	const char *e;
	size_t len;

	while ((e = postfix_value_next(&list, &len)) != NULL)
		if (is_word(e, len, element))
			return true;
	return false;
}

bool
postfix_value_is_yes(const char *value)
{
	return is_word(value, strlen(value), "yes");
}

bool
postfix_value_time_ms(const char *text, size_t len, int64_t *ms)
{
	static const struct { char unit; int64_t ms; } units[] = {
		{ 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 }, { 'w', 604800000 },
	};
	unsigned long long number;
	int64_t factor = 1000;

	if (len > 0 && !sts_ascii_is_digit(text[len - 1])) {
		factor = 0;
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (sts_ascii_lower(text[len - 1]) == units[i].unit)
				factor = units[i].ms;
		len--;
	}
	if (factor == 0 || !sts_text_parse_u64(text, len, 9, &number))
		return false;
	*ms = (int64_t)number * factor;
	return true;
}

/* False when it does not fit. */
static bool
copy(const char *s, size_t len, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	sts_text_add_bytes(&text, s, len);
	return !text.overflow;
}

/* Removes braces around the text, if any, and the separators inside them. */
static void
strip_braces(const char **s, size_t *len)
{
	if (*len < 2 || (*s)[0] != '{' || (*s)[*len - 1] != '}')
		return;
	++*s;
	*len -= 2;
	while (*len > 0 && strchr(separators, (*s)[0]) != NULL) {
		++*s;
		--*len;
	}
	while (*len > 0 && strchr(separators, (*s)[*len - 1]) != NULL)
		--*len;
}

/* ---- milters ---- */

/* "HOST:PORT", "[ADDR]:PORT". */
static bool
read_inet(const char *text, struct postfix_milter *out)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	unsigned long long port;

	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || !copy(text, len, out->host, sizeof(out->host)) ||
	    !sts_text_parse_u64(colon + 1, strlen(colon + 1), 5, &port) || port == 0 || port > 65535)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static void
read_endpoint(const char *s, size_t len, struct postfix_milter *out)
{
	out->kind = POSTFIX_MILTER_ODD;
	if (!copy(s, len, out->text, sizeof(out->text)))
		return;
	if (strncmp(out->text, "inet:", 5) == 0 && read_inet(out->text + 5, out))
		out->kind = POSTFIX_MILTER_INET;
	else if (strncmp(out->text, "unix:", 5) == 0 && out->text[5] != '\0' &&
	    copy(out->text + 5, strlen(out->text + 5), out->path, sizeof(out->path)))
		out->kind = POSTFIX_MILTER_UNIX;
}

/* "name=value"; blanks around both are allowed. */
static void
read_option(const char *s, size_t len, struct postfix_milter *out)
{
	const char *equals, *value;
	size_t name_len, value_len;

	strip_braces(&s, &len);
	if ((equals = memchr(s, '=', len)) == NULL)
		return;
	name_len = (size_t)(equals - s);
	value = equals + 1;
	value_len = len - name_len - 1;
	while (name_len > 0 && sts_ascii_is_wsp(s[name_len - 1]))
		name_len--;
	while (value_len > 0 && sts_ascii_is_wsp(*value)) {
		value++;
		value_len--;
	}
	if (is_word(s, name_len, "connect_timeout"))
		(void)postfix_value_time_ms(value, value_len, &out->connect_ms);
	else if (is_word(s, name_len, "command_timeout"))
		(void)postfix_value_time_ms(value, value_len, &out->command_ms);
	else if (is_word(s, name_len, "content_timeout"))
		(void)postfix_value_time_ms(value, value_len, &out->content_ms);
	else if (is_word(s, name_len, "default_action"))
		(void)copy(value, value_len, out->action, sizeof(out->action));
	else if (is_word(s, name_len, "protocol"))
		(void)copy(value, value_len, out->protocol, sizeof(out->protocol));
}

enum { MILTER_MAX = 2048 };

bool
postfix_milter_parse(const char *element, size_t len, struct postfix_milter *out)
{
	char inside[MILTER_MAX];
	const char *list = inside, *e;

	*out = (struct postfix_milter){ .kind = POSTFIX_MILTER_ODD, .connect_ms = -1, .command_ms = -1, .content_ms = -1 };
	strip_braces(&element, &len);
	(void)copy(element, len, inside, sizeof(inside));
	if ((e = postfix_value_next(&list, &len)) == NULL)
		return false;
	read_endpoint(e, len, out);
	while ((e = postfix_value_next(&list, &len)) != NULL)
		read_option(e, len, out);
	return true;
}

/* ---- tables ---- */

bool
postfix_table_parse(const char *element, size_t len, struct postfix_table *out)
{
	static const char proxy[] = "proxy:";
	const char *colon;

	*out = (struct postfix_table){ "", "" };
	strip_braces(&element, &len);
	while (len > sizeof(proxy) - 1 && memcmp(element, proxy, sizeof(proxy) - 1) == 0) {
		element += sizeof(proxy) - 1;
		len -= sizeof(proxy) - 1;
	}
	if ((colon = memchr(element, ':', len)) == NULL)
		return copy(element, len, out->name, sizeof(out->name));
	return copy(element, (size_t)(colon - element), out->type, sizeof(out->type)) &&
	    copy(colon + 1, len - (size_t)(colon - element) - 1, out->name, sizeof(out->name));
}

const char *
postfix_table_socketmap_fault(const char *name)
{
	const char *last = strrchr(name, ':'), *first = strchr(name, ':');
	struct postfix_milter inet;
	char endpoint[POSTFIX_VALUE_CAP];

	if (first == NULL || last == first || last[1] == '\0')
		return "the map's name is missing at its end: inet:HOST:PORT:NAME or unix:PATH:NAME";
	if (strncmp(name, "unix:", 5) == 0)
		return last == name + 5 ? "unix: without a path" : NULL;
	if (strncmp(name, "inet:", 5) != 0)
		return "begins neither with inet: nor with unix:";
	if (!copy(name + 5, (size_t)(last - name) - 5, endpoint, sizeof(endpoint)) || !read_inet(endpoint, &inet))
		return "inet: expects HOST:PORT:NAME, with a number for PORT";
	return NULL;
}

const char *
postfix_table_file(const struct postfix_table *table, char out[POSTFIX_VALUE_CAP])
{
	/* the suffix that the type adds to the name */
	static const struct { const char *type, *suffix; } types[] = {
		{ "hash", ".db" }, { "btree", ".db" }, { "lmdb", ".lmdb" }, { "cdb", ".cdb" }, { "dbm", ".pag" },
		{ "sdbm", ".pag" },
		{ "texthash", "" }, { "regexp", "" }, { "pcre", "" }, { "cidr", "" }, { "mysql", "" }, { "pgsql", "" },
		{ "sqlite", "" }, { "ldap", "" }, { "mongodb", "" }, { "memcache", "" },
	};
	struct sts_text text;

	if (table->name[0] != '/')
		return NULL;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(table->type, types[i].type) != 0)
			continue;
		sts_text_init(&text, out, POSTFIX_VALUE_CAP);
		sts_text_add(&text, table->name);
		sts_text_add(&text, types[i].suffix);
		return out;
	}
	return NULL;
}

/* ---- versions of TLS ---- */

static unsigned
version_bit(const char *s, size_t len)
{
	static const struct { const char *name; unsigned bit; } versions[] = {
		{ "SSLv3", POSTFIX_TLS_SSL3 }, { "TLSv1", POSTFIX_TLS_1_0 }, { "TLSv1.0", POSTFIX_TLS_1_0 },
		{ "TLSv1.1", POSTFIX_TLS_1_1 },
		{ "TLSv1.2", POSTFIX_TLS_1_2 }, { "TLSv1.3", POSTFIX_TLS_1_3 },
		{ "0300", POSTFIX_TLS_SSL3 }, { "0301", POSTFIX_TLS_1_0 }, { "0302", POSTFIX_TLS_1_1 }, { "0303", POSTFIX_TLS_1_2 },
		{ "0304", POSTFIX_TLS_1_3 },
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (is_word(s, len, versions[i].name))
			return versions[i].bit;
	return 0;
}

unsigned
postfix_tls_versions(const char *value)
{
	unsigned named = 0, excluded = 0, bounds = POSTFIX_TLS_ALL;
	const char *e;
	size_t len;

	while ((e = postfix_value_next(&value, &len)) != NULL) {
		bool least = len > 2 && memcmp(e, ">=", 2) == 0, most = len > 2 && memcmp(e, "<=", 2) == 0;
		size_t skip = least || most ? 2 : e[0] == '!' ? 1 : 0;
		unsigned bit = version_bit(e + skip, len - skip);

		if (bit == 0)
			continue;
		if (least)
			bounds &= ~(bit - 1);
		else if (most)
			bounds &= bit | (bit - 1);
		else if (skip == 1)
			excluded |= bit;
		else
			named |= bit;
	}
	return (named != 0 ? named : (unsigned)POSTFIX_TLS_ALL) & ~excluded & bounds;
}
