-- SPDX-License-Identifier: ISC
-- exempt.lua - clients whose mail is not judged.
dofile(lib .. "/mta.lua")

local function story(name, client, macros, why)
	mta.case(name, function()
		local conn = mta.open(client)
		mta.helo(conn)
		mta.message(conn, "<a@sender.test>", macros, { "X-MTA-STS" })
		if why ~= nil then
			mta.want_none(conn)
			mta.want_logged("exempt=" .. why .. " ")
		else
			mta.want(conn, "domain=sender.test")
			mta.want_logged(" result=")
		end
		mta.want_removed(conn, 1)
		mta.close(conn)
	end)
end

story("authenticated", {}, { "{auth_type}", "PLAIN", "{auth_authen}", "joe" }, "auth")
story("authenticated, name alone", {}, { "{auth_authen}", "joe" }, "auth")
story("authenticated, from a trusted network", { addr = "127.0.0.1" }, { "{auth_type}", "PLAIN" }, "auth")
story("trusted network", { addr = "127.0.0.9" }, mta.PLAIN, "trusted")
story("trusted network, IPv6", { addr = "::1" }, mta.TLS13, "trusted")
story("submission by the sendmail command", { addr = "127.0.0.1", port = "0", name = "localhost" }, mta.PLAIN, "local")
story("client of an unknown address family", { addr = "unspec", port = false }, mta.PLAIN, nil)
story("anybody", {}, mta.PLAIN, nil)
story("anybody, port not told", { port = false }, mta.PLAIN, nil)
story("anybody, IPv6", { addr = "2001:db8::1" }, mta.TLS13, nil)

mta.case("authenticated for one message only", function()
	local conn = mta.open()
	mta.helo(conn)
	mta.message(conn, "<a@sender.test>", { "{auth_type}", "PLAIN" })
	mta.want_none(conn)
	mta.message(conn, "<a@sender.test>", mta.TLS13)
	mta.want(conn, "domain=sender.test")
	mta.close(conn)
end)
