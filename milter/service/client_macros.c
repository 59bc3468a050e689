/* SPDX-License-Identifier: ISC */
/* client_macros.c - see client_macros.h. */
#include "config.h"

#include "milter/service/client_macros.h"

#include <string.h>

#include "shared-cache/base/text.h"

enum { UNSEEN, AGREED, DIFFERED };

bool
client_macros_suffice(const struct client_macros *macros)
{
	return atomic_load_explicit(&macros->verdict, memory_order_relaxed) == AGREED;
}

static bool
is_same(const char *told, const struct sts_ipaddr *connected)
{
	struct sts_ipaddr addr;

	if (told == NULL)
		return false;
	if (!sts_ipaddr_parse(told, strlen(told), &addr))	/* Postfix may say "unknown" */
		return connected->family == 0;
	return addr.family == connected->family && memcmp(addr.bytes, connected->bytes, sizeof(addr.bytes)) == 0;
}

bool
client_macros_compare(struct client_macros *macros, const char *told, const struct sts_ipaddr *connected)
{
	int unseen = UNSEEN;
	bool same;

	/* after the decision, this is all that a message costs */
	if (atomic_load_explicit(&macros->verdict, memory_order_relaxed) != UNSEEN)
		return false;
	same = is_same(told, connected);
	return atomic_compare_exchange_strong(&macros->verdict, &unseen, same ? AGREED : DIFFERED) && !same;
}

bool
client_macros_missed(struct client_macros *macros)
{
	return atomic_exchange(&macros->verdict, DIFFERED) != DIFFERED;
}

/* The client's macros, except for its address. */
static void
list_client(const struct sts_conf *conf, struct sts_text *out)
{
	sts_text_add(out, "{client_name} {client_port}");
	if (conf->domain_rules != NULL)
		sts_text_add(out, " {client_resolve}");
	if (conf->front_daemons[0] != '\0')
		sts_text_add(out, " {daemon_name}");
}

void
client_macros_at_connect(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP])
{
	struct sts_text list;

	sts_text_init(&list, out, CLIENT_MACROS_CAP);
	if (with_connect)
		list_client(conf, &list);
	else
		sts_text_add(&list, " ");	/* so that an empty list is not taken for no list */
}

/* The TLS macros come with MAIL. Postfix's own list has them only with HELO, so they would never come if a client sends no
 * second EHLO after STARTTLS. {tls_sni} exists in Postfix 3.12 and later. */
void
client_macros_at_mail(const struct sts_conf *conf, bool with_connect, char out[CLIENT_MACROS_CAP])
{
	struct sts_text list;

	sts_text_init(&list, out, CLIENT_MACROS_CAP);
	sts_text_add(&list, "{tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen}");
	if (sts_domain_rules_asks_cert(conf->domain_rules))
		sts_text_add(&list, " {cert_subject} {cert_issuer}");
	sts_text_add(&list, " {client_addr}");
	if (with_connect)
		return;
	sts_text_add(&list, " ");
	list_client(conf, &list);
}
