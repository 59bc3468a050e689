/* SPDX-License-Identifier: ISC */
/* legacy_tls_probe.c - writes a ClientHello, and reads the beginning of a ServerHello. */
#include "config.h"

#include "stsctl/probe/legacy_tls_probe.h"

#include <string.h>

#include "shared-cache/names/domain.h"

enum {
	RECORD_ALERT = 21, RECORD_HANDSHAKE = 22,
	CLIENT_HELLO = 1, SERVER_HELLO = 2,
	RECORD_HEAD = 5, MESSAGE_HEAD = 4,
};

static const struct weak_cipher ciphers[] = {
	{ 0x0001, WEAK_NULL, "NULL-MD5" },
	{ 0x0002, WEAK_NULL, "NULL-SHA" },
	{ 0x003b, WEAK_NULL, "NULL-SHA256" },
	{ 0xc006, WEAK_NULL, "ECDHE-ECDSA-NULL-SHA" },
	{ 0xc010, WEAK_NULL, "ECDHE-RSA-NULL-SHA" },
	{ 0xc015, WEAK_NULL, "AECDH-NULL-SHA" },
	{ 0x0003, WEAK_EXPORT, "EXP-RC4-MD5" },
	{ 0x0006, WEAK_EXPORT, "EXP-RC2-CBC-MD5" },
	{ 0x0008, WEAK_EXPORT, "EXP-DES-CBC-SHA" },
	{ 0x0014, WEAK_EXPORT, "EXP-EDH-RSA-DES-CBC-SHA" },
	{ 0x0017, WEAK_EXPORT, "EXP-ADH-RC4-MD5" },
	{ 0x0019, WEAK_EXPORT, "EXP-ADH-DES-CBC-SHA" },
	{ 0x0009, WEAK_DES, "DES-CBC-SHA" },
	{ 0x0015, WEAK_DES, "EDH-RSA-DES-CBC-SHA" },
	{ 0x001a, WEAK_DES, "ADH-DES-CBC-SHA" },
	{ 0x0004, WEAK_RC4, "RC4-MD5" },
	{ 0x0005, WEAK_RC4, "RC4-SHA" },
	{ 0xc007, WEAK_RC4, "ECDHE-ECDSA-RC4-SHA" },
	{ 0xc011, WEAK_RC4, "ECDHE-RSA-RC4-SHA" },
	{ 0x0018, WEAK_RC4, "ADH-RC4-MD5" },
	{ 0xc016, WEAK_RC4, "AECDH-RC4-SHA" },
	{ 0x000a, WEAK_3DES, "DES-CBC3-SHA" },
	{ 0x0016, WEAK_3DES, "EDH-RSA-DES-CBC3-SHA" },
	{ 0xc008, WEAK_3DES, "ECDHE-ECDSA-DES-CBC3-SHA" },
	{ 0xc012, WEAK_3DES, "ECDHE-RSA-DES-CBC3-SHA" },
	{ 0x001b, WEAK_3DES, "ADH-DES-CBC3-SHA" },
	{ 0xc017, WEAK_3DES, "AECDH-DES-CBC3-SHA" },
	{ 0x0034, WEAK_ANONYMOUS, "ADH-AES128-SHA" },
	{ 0x003a, WEAK_ANONYMOUS, "ADH-AES256-SHA" },
	{ 0x006c, WEAK_ANONYMOUS, "ADH-AES128-SHA256" },
	{ 0x006d, WEAK_ANONYMOUS, "ADH-AES256-SHA256" },
	{ 0x00a6, WEAK_ANONYMOUS, "ADH-AES128-GCM-SHA256" },
	{ 0x00a7, WEAK_ANONYMOUS, "ADH-AES256-GCM-SHA384" },
	{ 0xc018, WEAK_ANONYMOUS, "AECDH-AES128-SHA" },
	{ 0xc019, WEAK_ANONYMOUS, "AECDH-AES256-SHA" },
};

static const uint16_t no_renegotiation = 0x00ff;	/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV, RFC 5746 section 3.3 */

/* supported_groups: x25519, secp256r1, secp384r1; ec_point_formats: uncompressed; signature_algorithms: RSA and ECDSA with SHA-256,
 * SHA-384 and SHA-1, which servers with such ciphers support. */
static const uint8_t extensions[] = {
	0x00, 0x0a, 0x00, 0x08, 0x00, 0x06, 0x00, 0x1d, 0x00, 0x17, 0x00, 0x18,
	0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,
	0x00, 0x0d, 0x00, 0x0e, 0x00, 0x0c, 0x04, 0x01, 0x04, 0x03, 0x05, 0x01, 0x05, 0x03, 0x02, 0x01, 0x02, 0x03,
};

/* ---- writing ---- */

struct writer {
	uint8_t *out;
	size_t len;
};

static void
put8(struct writer *w, unsigned value)
{
	w->out[w->len++] = (uint8_t)value;
}

static void
put16(struct writer *w, size_t value)
{
	put8(w, (unsigned)(value >> 8) & 0xff);
	put8(w, (unsigned)value & 0xff);
}

static void
put_bytes(struct writer *w, const void *bytes, size_t len)
{
	memcpy(w->out + w->len, bytes, len);
	w->len += len;
}

/* Fills in the length, at pos, of everything written since open16. */
static void
close16(struct writer *w, size_t pos)
{
	size_t len = w->len - pos - 2;

	w->out[pos] = (uint8_t)(len >> 8);
	w->out[pos + 1] = (uint8_t)len;
}

/* Reserves two bytes for a length. Returns their position. */
static size_t
open16(struct writer *w)
{
	put16(w, 0);
	return w->len - 2;
}

static void
put_ciphers(struct writer *w)
{
	size_t list = open16(w);

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		put16(w, ciphers[i].id);
	put16(w, no_renegotiation);
	close16(w, list);
}

static void
put_server_name(struct writer *w, const char *host)
{
	size_t len = strlen(host), extension, list;

	if (len == 0 || len > STS_DOMAIN_MAX)
		return;
	put16(w, 0);			/* server_name, RFC 6066 section 3 */
	extension = open16(w);
	list = open16(w);
	put8(w, 0);			/* host_name */
	put16(w, len);
	put_bytes(w, host, len);
	close16(w, list);
	close16(w, extension);
}

size_t
legacy_hello_make(const char *host, const uint8_t random[LEGACY_HELLO_RANDOM], uint8_t out[LEGACY_HELLO_CAP])
{
	struct writer w = { .out = out };
	size_t record, message, list;

	put8(&w, RECORD_HANDSHAKE);
	put16(&w, 0x0301);		/* the record's version: one that old servers tolerate */
	record = open16(&w);
	put8(&w, CLIENT_HELLO);
	put8(&w, 0);			/* the length has three bytes; the first is zero */
	message = open16(&w);
	put16(&w, 0x0303);
	put_bytes(&w, random, LEGACY_HELLO_RANDOM);
	put8(&w, 0);			/* no session to resume */
	put_ciphers(&w);
	put8(&w, 1);			/* one compression method: none */
	put8(&w, 0);
	list = open16(&w);
	put_server_name(&w, host);
	put_bytes(&w, extensions, sizeof(extensions));
	close16(&w, list);
	close16(&w, message);
	close16(&w, record);
	return w.len;
}

/* ---- reading ---- */

static const struct weak_cipher *
find_cipher(unsigned id)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		if (ciphers[i].id == id)
			return &ciphers[i];
	}
	return NULL;
}

/* p: the first len bytes after the record's header. */
static enum legacy_hello_answer
read_server_hello(const uint8_t *p, size_t len, const struct weak_cipher **cipher)
{
	size_t at = MESSAGE_HEAD + 2 + 32;	/* after version and random: the length of the session id */

	if (len > 0 && p[0] != SERVER_HELLO)
		return LEGACY_HELLO_GARBAGE;
	if (len <= at)
		return LEGACY_HELLO_MORE;
	if (p[MESSAGE_HEAD] != 3 || p[at] > 32)
		return LEGACY_HELLO_GARBAGE;
	at += 1 + (size_t)p[at];
	if (len < at + 2)
		return LEGACY_HELLO_MORE;
	*cipher = find_cipher((unsigned)p[at] << 8 | p[at + 1]);
	return *cipher != NULL ? LEGACY_HELLO_CHOSEN : LEGACY_HELLO_GARBAGE;
}

enum legacy_hello_answer
legacy_hello_read(const uint8_t *bytes, size_t len, const struct weak_cipher **cipher)
{
	enum legacy_hello_answer answer;
	size_t record;

	*cipher = NULL;
	if (len > 0 && bytes[0] != RECORD_ALERT && bytes[0] != RECORD_HANDSHAKE)
		return LEGACY_HELLO_GARBAGE;
	if (len < RECORD_HEAD)
		return LEGACY_HELLO_MORE;
	if (bytes[1] != 3)
		return LEGACY_HELLO_GARBAGE;
	if (bytes[0] == RECORD_ALERT)
		return LEGACY_HELLO_DECLINED;
	record = (size_t)bytes[3] << 8 | bytes[4];
	len -= RECORD_HEAD;
	answer = read_server_hello(bytes + RECORD_HEAD, len < record ? len : record, cipher);
	/* No honest server splits the message into records before the cipher. */
	return answer == LEGACY_HELLO_MORE && len >= record ? LEGACY_HELLO_GARBAGE : answer;
}
