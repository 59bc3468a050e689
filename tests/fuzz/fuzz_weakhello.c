/* SPDX-License-Identifier: ISC */
/* fuzz_weakhello.c - any bytes as a server's answer to an offer of weak ciphers. More bytes never change a decision. */
#include "config.h"

#include "stsctl/probe/legacy_tls_probe.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct weak_cipher *cipher, *before = NULL;
	enum legacy_hello_answer answer = LEGACY_HELLO_MORE;

	for (size_t len = 0; len <= size && len <= LEGACY_HELLO_ANSWER_MAX + 8; len++) {
		enum legacy_hello_answer now = legacy_hello_read(data, len, &cipher);

		MUST((now == LEGACY_HELLO_CHOSEN) == (cipher != NULL));
		MUST(answer == LEGACY_HELLO_MORE || (now == answer && cipher == before));
		MUST(now != LEGACY_HELLO_MORE || len < LEGACY_HELLO_ANSWER_MAX);
		answer = now;
		before = cipher;
	}
	return 0;
}
