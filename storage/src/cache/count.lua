-- A counter without an end, whoever made it, gets one too.
local count = redis.call('INCR', KEYS[1])
local ends_in_ms = redis.call('PTTL', KEYS[1])
if ends_in_ms < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    ends_in_ms = tonumber(ARGV[1])
end
return {count, ends_in_ms}
