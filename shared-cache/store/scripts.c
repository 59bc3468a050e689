/* SPDX-License-Identifier: ISC */
/* scripts.c - the texts of the scripts. Knows neither connections nor the names of keys. */
#include "config.h"

#include "shared-cache/store/scripts.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "shared-cache/base/text.h"

/* A hash may hold anything: the number of fields and bytes that are returned is limited. */
#define GET_TEXT \
"if redis.call('TYPE', KEYS[1]).ok ~= 'hash' or redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then return false end\n" \
"local size = 0\n" \
"for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do\n" \
"	size = size + #name + redis.call('HSTRLEN', KEYS[1], name)\n" \
"end\n" \
"if size > tonumber(ARGV[1]) then return false end\n" \
"return redis.call('HGETALL', KEYS[1])\n"

/* The stored entry counts only if its times are plausible: fetched and checked not later than now, apart from clock
 * skew, and due to expire in the future (a policy within RFC 8461's longest max_age, a negative within a day). A live policy is only
 * replaced by one that was fetched later, or at the same time and confirmed no earlier; a negative by any policy, and by a negative
 * found no earlier. */
#define PUT_TEXT \
"local now, new = tonumber(ARGV[1]), {}\n" \
"for i = 3, #ARGV, 2 do new[ARGV[i]] = ARGV[i + 1] end\n" \
"local kind = redis.call('TYPE', KEYS[1]).ok\n" \
"if kind == 'hash' then\n" \
"	local held = redis.call('HMGET', KEYS[1], 'schema', 'state', 'fetched', 'checked', 'expires')\n" \
"	local policy = held[2] == 'policy'\n" \
"	local fetched, checked, expires = tonumber(held[3]), tonumber(held[4]), tonumber(held[5])\n" \
"	if held[1] == new.schema and fetched and checked and expires and fetched <= now + 300 and\n" \
"	    checked <= now + 300 and expires > now and expires <= now + (policy and 31557900 or 86400) then\n" \
"		if policy and new.state ~= 'policy' then return 0 end\n" \
"		if policy and tonumber(new.fetched) < fetched then return 0 end\n" \
"		if (not policy and new.state ~= 'policy' or policy and tonumber(new.fetched) == fetched) and\n" \
"		    tonumber(new.checked) < checked then return 0 end\n" \
"	end\n" \
"end\n" \
"if kind ~= 'none' and (kind ~= 'hash' or redis.call('HLEN', KEYS[1]) ~= (#ARGV - 2) / 2) then\n" \
"	redis.call('DEL', KEYS[1])\n" \
"end\n" \
"redis.call('HSET', KEYS[1], unpack(ARGV, 3))\n" \
"redis.call('EXPIRE', KEYS[1], ARGV[2])\n" \
"return 1\n"

/* The owner of a lock gets it again: the reply to the first request may have been lost. */
#define LOCK_TEXT \
"if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end\n" \
"if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return -1 end\n" \
"if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n" \
"redis.call('PEXPIRE', KEYS[1], ARGV[2])\n" \
"return 1\n"

#define UNLOCK_TEXT \
"if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GET', KEYS[1]) == ARGV[1] then\n" \
"	return redis.call('DEL', KEYS[1])\n" \
"end\n" \
"return 0\n"

/* COUNT and APPEND have a mark: a hash with a field for the last sequence that was applied. Setting it by HSET is the first write, and
 * the counters use HSET, too: a user who may not call it fails there, before anything is counted. If the next command is refused, the mark
 * is set back, or its rows or entries would pass for written; then the command is called once more, in a form that can add nothing, for
 * the error that ends the script. */
#define NUMBER_TEXT \
"local function is_number(s) return #s <= 15 and string.find(s, '^%-?%d+$') end\n" \
"local function is_refused(said) return type(said) == 'table' and said.err end\n"

/* Takes several rows, each with its keys and arguments, and returns as many results. In a cluster all keys are in one slot. A row that
 * fails ends the script; the rows before it have their marks.
 * The words of a row follow the k keys and a arguments of the rows before it, and are not copied: Lua's own work is most of a row's
 * cost. That is also why one HMGET checks a key's type, and why sums are passed to Redis as numbers, which it formats.
 * A row may have a field twice: what comes back from a spool has field names of its own beside those of this process.
 * Old days of a history stay until there are more fields than its days can have: so, as a rule, nothing is lost when clocks are wrong
 * for a while. */
#define COUNT_TEXT NUMBER_TEXT \
"local keys, args, call = KEYS, ARGV, redis.call\n" \
"local function look(key, ...)\n" \
"	local held = redis.pcall('HMGET', key, ...)\n" \
"	if not held.err then return held end\n" \
"	if string.find(held.err, 'WRONGTYPE', 1, true) then return nil end\n" \
"	return call('HMGET', key, ...)\n" \
"end\n" \
"local seen = { 'first_seen', 'last_seen', 'last_plaintext' }\n" \
"local function add_sums(key, held, a, count)\n" \
"	local new, n, good, place = {}, 0, true, {}\n" \
"	for i = 1, count do\n" \
"		local field, old, more = args[a + 12 + i], held[3 + i], args[a + 12 + count + i]\n" \
"		local at = place[field]\n" \
"		if at then\n" \
"			new[at] = new[at] + more\n" \
"		elseif not old or is_number(old) then\n" \
"			new[n + 1], new[n + 2] = field, old and old + more or more\n" \
"			n = n + 2\n" \
"			place[field] = n\n" \
"		else\n" \
"			good = false\n" \
"		end\n" \
"	end\n" \
"	for i = 1, 3 do\n" \
"		local value, old, sign = args[a + 4 + i], tonumber(held[i] or nil), i == 1 and -1 or 1\n" \
"		if value ~= '0' and (not old or sign * old < sign * value) then\n" \
"			new[n + 1], new[n + 2] = seen[i], value\n" \
"			n = n + 2\n" \
"		end\n" \
"	end\n" \
"	if n > 0 then call('HSET', key, unpack(new)) end\n" \
"	if args[a + 4] ~= '0' then call('EXPIRE', key, args[a + 4]) end\n" \
"	return good\n" \
"end\n" \
"local function add_history(key, held, names, a)\n" \
"	local days = args[a + 8]\n" \
"	for i = 1, 2 do\n" \
"		if args[a + 10 + i] ~= '0' and (not held[i] or is_number(held[i])) then\n" \
"			call('HINCRBY', key, names[i], args[a + 10 + i])\n" \
"		end\n" \
"	end\n" \
"	if call('HLEN', key) > 2 * days + 4 then\n" \
"		for _, name in ipairs(call('HKEYS', key)) do\n" \
"			local day = string.match(name, '^%a+:(%d%d%d%d%-%d%d%-%d%d)$')\n" \
"			if not day or day < args[a + 9] or day > args[a + 10] then call('HDEL', key, name) end\n" \
"		end\n" \
"	end\n" \
"	call('EXPIRE', key, days * 86400)\n" \
"end\n" \
"local function count_row(k, a, key_count, count)\n" \
"	local hashes, day, held, past, names, result = key_count, args[a + 2], {}, nil, nil, 1\n" \
"	local mark = look(keys[k + 1], day)\n" \
"	if not mark or mark[1] and not is_number(mark[1]) then return -1 end\n" \
"	if args[a + 8] ~= '0' then\n" \
"		names = { 'tls:' .. day, 'plaintext:' .. day }\n" \
"		past = look(keys[k + key_count], names[1], names[2])\n" \
"		if not past then return -key_count end\n" \
"		hashes = hashes - 1\n" \
"	end\n" \
"	for i = 2, hashes do\n" \
"		held[i] = look(keys[k + i], seen[1], seen[2], seen[3], unpack(args, a + 13, a + 12 + count))\n" \
"		if not held[i] then return -i end\n" \
"	end\n" \
"	if tonumber(mark[1] or 0) >= tonumber(args[a + 1]) then return 0 end\n" \
"	call('HSET', keys[k + 1], day, args[a + 1])\n" \
"	if is_refused(redis.pcall('EXPIRE', keys[k + 1], args[a + 3])) then\n" \
"		call('HSET', keys[k + 1], day, mark[1] or 0)\n" \
"		call('EXPIRE', keys[k + 1], args[a + 3])\n" \
"	end\n" \
"	for i = 2, hashes do\n" \
"		if not add_sums(keys[k + i], held[i], a, count) then result = 2 end\n" \
"	end\n" \
"	if past then add_history(keys[k + key_count], past, names, a) end\n" \
"	return result\n" \
"end\n" \
"local results, k, a = {}, 0, 1\n" \
"for row = 1, tonumber(args[1]) do\n" \
"	local key_count, arg_count = tonumber(args[a + 1]), tonumber(args[a + 2])\n" \
"	results[row] = count_row(k, a + 2, key_count, (arg_count - 12) / 2)\n" \
"	k, a = k + key_count, a + 2 + arg_count\n" \
"end\n" \
"return results\n"

#define DOMAINS_TEXT \
"local kind = redis.call('TYPE', KEYS[1]).ok\n" \
"if kind ~= 'none' and kind ~= 'zset' then return -1 end\n" \
"for i = 2, #ARGV, 2 do\n" \
"	local held = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i + 1]))\n" \
"	if not held or held < tonumber(ARGV[i]) then redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end\n" \
"end\n" \
"redis.call('EXPIRE', KEYS[1], ARGV[1])\n" \
"return 1\n"

#define APPEND_TEXT NUMBER_TEXT \
"local function is(key, kind)\n" \
"	local found = redis.call('TYPE', key).ok\n" \
"	return found == 'none' or found == kind\n" \
"end\n" \
"if not is(KEYS[1], 'hash') then return -1 end\n" \
"local done = redis.call('HGET', KEYS[1], ARGV[2]) or '0'\n" \
"if not is_number(done) then return -1 end\n" \
"if not is(KEYS[2], 'stream') then return -2 end\n" \
"if tonumber(done) >= tonumber(ARGV[1]) then return 0 end\n" \
"redis.call('HSET', KEYS[1], ARGV[2], ARGV[1])\n" \
"if is_refused(redis.pcall('EXPIRE', KEYS[1], ARGV[3])) then\n" \
"	redis.call('HSET', KEYS[1], ARGV[2], done)\n" \
"	redis.call('EXPIRE', KEYS[1], ARGV[3])\n" \
"end\n" \
"local call, stream, i = redis.pcall, KEYS[2], 6\n" \
"while i <= #ARGV do\n" \
"	local said, last = nil, i + 2 * ARGV[i]\n" \
"	if last < #ARGV then\n" \
"		said = call('XADD', stream, '*', unpack(ARGV, i + 1, last))\n" \
"	else\n" \
"		said = call('XADD', stream, 'MAXLEN', '~', ARGV[5], '*', unpack(ARGV, i + 1, last))\n" \
"	end\n" \
"	if i == 6 and is_refused(said) then\n" \
"		redis.call('HSET', KEYS[1], ARGV[2], done)\n" \
"		redis.call('XADD', stream, '0-0', 'a', 'a')\n" \
"	end\n" \
"	call, i = redis.call, last + 1\n" \
"end\n" \
"redis.call('EXPIRE', KEYS[2], ARGV[4])\n" \
"return 1\n"

/* By Redis's time, which is the same for all nodes. Lua would print so large a number with an exponent. */
#define INVALIDATE_TEXT \
"local kind = redis.call('TYPE', KEYS[1]).ok\n" \
"if kind ~= 'none' and kind ~= 'zset' then return -1 end\n" \
"local time = redis.call('TIME')\n" \
"local now = time[1] * 1000 + math.floor(time[2] / 1000)\n" \
"redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])\n" \
"redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]))\n" \
"redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])\n" \
"redis.call('PEXPIRE', KEYS[1], ARGV[2])\n" \
"return 1\n"

/* Counts the whole report about one domain and day, or nothing. HSET of the id is the first write. */
#define REPORT_TEXT \
"for k = 1, 3 do\n" \
"	local kind = redis.call('TYPE', KEYS[k]).ok\n" \
"	if kind ~= 'none' and kind ~= 'hash' then return -k end\n" \
"end\n" \
"if redis.call('HGET', KEYS[1], ARGV[1]) then return 0 end\n" \
"if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return -4 end\n" \
"redis.call('HSET', KEYS[1], ARGV[1], ARGV[6])\n" \
"redis.call('EXPIRE', KEYS[1], ARGV[2])\n" \
"local room = { nil, ARGV[4] - redis.call('HLEN', KEYS[2]), ARGV[5] - redis.call('HLEN', KEYS[3]) }\n" \
"local function add(k, name, n, always)\n" \
"	local held = redis.call('HGET', KEYS[k], name)\n" \
"	if not held and not always then\n" \
"		if room[k] <= 0 then return add(k, 'folded', n, true) end\n" \
"		room[k] = room[k] - 1\n" \
"	end\n" \
"	if not held or #held <= 15 and string.find(held, '^%d+$') then redis.call('HINCRBY', KEYS[k], name, n) end\n" \
"end\n" \
"local rows = 9 + 2 * ARGV[8]\n" \
"for i = 9, rows - 1, 2 do\n" \
"	if room[2] > 0 and not redis.call('HGET', KEYS[2], ARGV[i]) then\n" \
"		redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])\n" \
"		room[2] = room[2] - 1\n" \
"	end\n" \
"end\n" \
"for i = rows, #ARGV, 3 do\n" \
"	local where = ARGV[i + 2]\n" \
"	add(2, ARGV[i], ARGV[i + 1], where == '1')\n" \
"	if where ~= '0' then add(3, ARGV[i], ARGV[i + 1], where == '1') end\n" \
"end\n" \
"local function latest(k, name, value)\n" \
"	local held = tonumber(redis.call('HGET', KEYS[k], name))\n" \
"	if not held or held < tonumber(value) then redis.call('HSET', KEYS[k], name, value) end\n" \
"end\n" \
"latest(3, 'received', ARGV[6])\n" \
"latest(3, 'newest', ARGV[7])\n" \
"redis.call('EXPIRE', KEYS[2], ARGV[2])\n" \
"return 1\n"

/* The names of outcomes contain words of Postfix, so only a limited number per day is kept. Outcomes without room are in the day's
 * numbers all the same; details leave room for sums. */
#define SENT_TEXT \
	"for i = 1, 3 do " \
	"  local kind = redis.call('TYPE', KEYS[i])['ok'] " \
	"  if kind ~= 'none' and kind ~= 'hash' then return -i end " \
	"end " \
	"local applied = 'applied:' .. ARGV[1] " \
	"if redis.call('HGET', KEYS[1], applied) == ARGV[2] then return 0 end " \
	"redis.call('HSET', KEYS[1], applied, ARGV[2]) " \
	"local at = 8 " \
	"for i = 1, tonumber(ARGV[6]) do " \
	"  for k = 1, 2 do redis.pcall('HINCRBY', KEYS[k], ARGV[at], ARGV[at + 1]) end " \
	"  at = at + 2 " \
	"end " \
	"for i = 1, tonumber(ARGV[7]) do " \
	"  local room = string.sub(ARGV[at], 1, 9) == '[\"detail\"' and 150 or 200 " \
	"  if redis.call('HLEN', KEYS[3]) < room or redis.call('HGET', KEYS[3], ARGV[at]) then " \
	"    redis.pcall('HINCRBY', KEYS[3], ARGV[at], ARGV[at + 1]) " \
	"  end " \
	"  at = at + 2 " \
	"end " \
	"while at < #ARGV do " \
	"  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) " \
	"  at = at + 2 " \
	"end " \
	"redis.call('EXPIRE', KEYS[1], ARGV[3]) " \
	"redis.call('EXPIRE', KEYS[2], ARGV[4]) " \
	"redis.call('EXPIRE', KEYS[3], ARGV[5]) " \
	"return 1"

static const char *const texts[STS_SCRIPTS] = {
	[STS_SCRIPT_GET] = GET_TEXT,
	[STS_SCRIPT_PUT] = PUT_TEXT,
	[STS_SCRIPT_LOCK] = LOCK_TEXT,
	[STS_SCRIPT_UNLOCK] = UNLOCK_TEXT,
	[STS_SCRIPT_COUNT] = COUNT_TEXT,
	[STS_SCRIPT_DOMAINS] = DOMAINS_TEXT,
	[STS_SCRIPT_APPEND] = APPEND_TEXT,
	[STS_SCRIPT_INVALIDATE] = INVALIDATE_TEXT,
	[STS_SCRIPT_REPORT] = REPORT_TEXT,
	[STS_SCRIPT_SENT] = SENT_TEXT,
};

const char *
sts_script_text(enum sts_script script)
{
	return texts[script];
}

bool
sts_script_digest(enum sts_script script, char out[STS_SCRIPT_DIGEST_CAP])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t len = 0;

	/* OpenSSL 3.0 crashes in its own locks if there was no memory to create them */
	if (!OPENSSL_init_crypto(0, NULL) || OSSL_LIB_CTX_get0_global_default() == NULL)
		return false;
	if (!EVP_Q_digest(NULL, "SHA1", NULL, texts[script], strlen(texts[script]), digest, &len) || len != 20)
		return false;
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return true;
}

/* ---- errors of scripts ---- */

static bool
has_word(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

/* The script whose digest the error names; STS_SCRIPTS: none. */
static enum sts_script
script_in(const char *error, size_t len)
{
	char digest[STS_SCRIPT_DIGEST_CAP];
	unsigned i;

	for (i = 0; i < STS_SCRIPTS; i++)
		if (sts_script_digest((enum sts_script)i, digest) && has_word(error, len, digest))
			break;
	return (enum sts_script)i;
}

/* The line that the error names, from 1; 0: none. */
static unsigned long
line_in(const char *error, size_t len)
{
	static const char word[] = "user_script:";
	const char *at = memmem(error, len, word, strlen(word));
	unsigned long line = 0;

	if (at == NULL)
		return 0;
	for (at += strlen(word); at < error + len && *at >= '0' && *at <= '9' && line < 1000; at++)
		line = line * 10 + (unsigned long)(*at - '0');
	return line;
}

void
sts_script_refused_commands(const char *error, size_t len, char out[STS_SCRIPT_COMMANDS_CAP])
{
	static const char call[] = "call('";
	enum sts_script script = script_in(error, len);
	unsigned long line = line_in(error, len);
	const char *at, *end;
	struct sts_text text;

	sts_text_init(&text, out, STS_SCRIPT_COMMANDS_CAP);
	if (script == STS_SCRIPTS || line == 0)
		return;
	for (at = texts[script]; line > 1 && at != NULL; line--)
		if ((at = strchr(at, '\n')) != NULL)
			at++;
	if (at == NULL)
		return;
	end = at + strcspn(at, "\n");
	while ((at = memmem(at, (size_t)(end - at), call, strlen(call))) != NULL) {
		at += strlen(call);
		sts_text_addf(&text, "%s%.*s", out[0] != '\0' ? " or " : "", (int)strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), at);
	}
}
