-- SPDX-License-Identifier: ISC
-- /etc/rspamd/rspamd.local.lua. If you already have one, append this to it. These are all settings of mta-sts-milter's rule.
dofile(rspamd_paths['LOCAL_CONFDIR'] .. '/mta_sts.lua') {
  -- The milter's authserv_id: a field with another host= is not trusted. Empty: this machine's host name, which is also what an
  -- empty authserv_id means to the milter.
  authserv_id = "",
  -- A file with the same key as the milter's header_key_file: a field that is not signed with it is not trusted.
  -- Empty: signatures are not checked.
  header_key_file = "",
}
