-- SPDX-License-Identifier: ISC
--
-- mta_sts.lua - turns mta-sts-milter's X-MTA-STS field into rspamd symbols. Settings are in rspamd.local.lua, scores in
-- local.d/groups.conf; doc/rspamd.md of mta-sts-milter explains both. For rspamd 3.4 and later.
--
-- The field is only a claim until its author is known: it must be the only one, in the milter's form, with our host=, and, if a
-- key is set, with a valid signature for this message.

local logger = require "rspamd_logger"
local cryptobox_hash = require "rspamd_cryptobox_hash"
local util = require "rspamd_util"

local FIELD = 'X-MTA-STS'
local GROUP = 'mta_sts'
local LENGTH_MAX = 2048	-- the milter's own are shorter
local OPTION_MAX = 255
local SIGNATURE_LENGTH = 32
local KEY_DIGITS_MIN, KEY_DIGITS_MAX = 32, 128
local VALUE = '[%w._:+-]+'
local ALWAYS = { 'v', 'host', 'result', 'domain', 'identity', 'policy', 'tls', 'aligned' }

local OF_RESULT = {
  pass = 'MTA_STS_PASS',
  fail = 'MTA_STS_FAIL',
  softfail = 'MTA_STS_SOFTFAIL',
  neutral = 'MTA_STS_NEUTRAL',
  none = 'MTA_STS_NONE',
  temperror = 'MTA_STS_TEMPERROR',
  permerror = 'MTA_STS_PERMERROR',
}
local PLAINTEXT, WEAK_TLS = 'MTA_STS_PLAINTEXT', 'MTA_STS_WEAK_TLS'
local RCPT_PLAINTEXT, UNALIGNED = 'MTA_STS_RCPT_PLAINTEXT', 'MTA_STS_UNALIGNED'
local DOWNGRADE = 'MTA_STS_DOWNGRADE'
local FORGED = 'MTA_STS_HEADER_FORGED'

local function unfold(value)
  return (value:gsub('\r?\n[ \t]+', ' '):gsub('^%s+', ''):gsub('%s+$', ''))
end

-- Parses "tag=value; tag=value" into a table; nil for anything else, or if a tag occurs twice.
local function parse(text)
  local tags = {}
  if #text > LENGTH_MAX then
    return nil
  end
  for part in (text .. '; '):gmatch('(.-); ') do
    local tag, value = part:match('^([a-z]+)=(' .. VALUE .. ')$')
    if not tag or tags[tag] then
      return nil
    end
    tags[tag] = value
  end
  return tags
end

local function is_complete(tags)
  for _, tag in ipairs(ALWAYS) do
    if not tags[tag] then
      return false
    end
  end
  return tags.v == '1' and OF_RESULT[tags.result] ~= nil
end

-- The signed text: queue id, LF, and everything before "; sig=", which is the last tag.
local function is_signed(text, queue_id, key)
  local signed, sig = text:match('^(.*); sig=(%x+)$')
  if not signed or not queue_id or queue_id == '' then
    return false
  end
  return cryptobox_hash.create_keyed(key, queue_id .. '\n' .. signed):hex():sub(1, SIGNATURE_LENGTH) == sig
end

-- The reason why a field is not our milter's; nil if it is.
local function why_forged(fields, text, tags, ours, task)
  if #fields > 1 then
    return 'fields'
  elseif not tags then
    return 'syntax'
  elseif (tags.host or ''):lower() ~= ours.host then
    return 'host'
  elseif not is_complete(tags) then
    return 'syntax'
  elseif ours.key and not is_signed(text, task:get_queue_id(), ours.key) then
    return 'sig'
  end
end

-- What an untrusted field claims, made safe for the log.
local function claimed(text, tag)
  local value = (' ' .. text:sub(1, LENGTH_MAX)):match('[ ;]' .. tag .. '=(' .. VALUE .. ')')
  return value and value:sub(1, OPTION_MAX) or '-'
end

local function check(task, ours)
  local fields = task:get_header_full(FIELD)
  if not fields or #fields == 0 then
    return
  end
  local text = unfold(fields[1].value or '')
  local tags = parse(text)
  local why = why_forged(fields, text, tags, ours, task)

  if why then
    task:insert_result(FORGED, 1.0, claimed(text, 'domain'), claimed(text, 'tls'), why)
    return
  end
  local function say(symbol)
    task:insert_result(symbol, 1.0, tags.domain, tags.tls)
  end
  say(OF_RESULT[tags.result])
  if tags.tls == 'none' then
    say(PLAINTEXT)
    if tags.rcpt == 'enforce' then
      say(RCPT_PLAINTEXT)
    end
  end
  if tags.reason == 'tls-version' or tags.reason == 'cipher' then
    say(WEAK_TLS)
  end
  if tags.aligned == 'no' then
    say(UNALIGNED)
  end
  if tags.history == 'downgrade' then
    say(DOWNGRADE)
  end
end

-- The key, or nil and an error. The file has the milter's format: a first line of nothing but hex digits.
local function read_key(path)
  local file, problem = io.open(path, 'r')
  if not file then
    return nil, problem
  end
  local digits = (file:read(1024) or ''):match('^(%x+)\r?\n?$')
  file:close()
  if not digits or #digits % 2 ~= 0 or #digits < KEY_DIGITS_MIN or #digits > KEY_DIGITS_MAX then
    return nil, path .. ': does not hold one line of 32 to 128 hex digits'
  end
  return (digits:gsub('%x%x', function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

local function register(ours)
  local parent = rspamd_config:register_symbol({
    name = 'MTA_STS_CHECK',
    type = 'callback',
    group = GROUP,
    callback = function(task)
      check(task, ours)
    end,
  })
  local symbols = { PLAINTEXT, WEAK_TLS, RCPT_PLAINTEXT, UNALIGNED, DOWNGRADE, FORGED }
  for _, symbol in pairs(OF_RESULT) do
    symbols[#symbols + 1] = symbol
  end
  for _, symbol in ipairs(symbols) do
    rspamd_config:register_symbol({ name = symbol, type = 'virtual', parent = parent, group = GROUP })
  end
end

-- Without the configured key, the rule could trust no field: it logs an error and registers nothing. Mail continues.
return function(settings)
  local host = settings.authserv_id or ''
  local key_file = settings.header_key_file or ''
  local ours = { host = (host ~= '' and host or util.get_hostname()):lower() }

  if key_file ~= '' then
    local key, problem = read_key(key_file)
    if not key then
      logger.errx(rspamd_config, 'mta_sts: no symbols: cannot use header_key_file: %s', problem)
      return
    end
    ours.key = key
  end
  register(ours)
end
