"""The text that explains the control API to somebody with curl."""

from lucca_sync.simulator.server.presets import described

_GUIDE = """\
The control API of a simulated Lucca tenant
===========================================
It asks for no token and counts against no limit. Everybody in here is invented.

Read the truth
  curl '{base}/control/ledger?after=0'         every change so far: which record, what, which fields
  curl {base}/control/records/employees/12     what the API would show of a record now (404: nothing)
  curl {base}/control/records/v3/users/12      the same for the legacy API (v3/leaves, v3/leaveRequests)
  curl {base}/control/stats                    requests by path and status, 429s, requests a minute,
                                               and how often each misbehaviour was really met

Make changes (whatever you leave out is invented)
  curl {base}/control/changes -d '{"action": "hire", "given_name": "Zoé", "family_name": "Renoir"}'
    hire              given_name, family_name, department, establishment, start, email
    rehire            employee*, start
    move              employee*, department, manager, establishment, job_title, on
    change-manager    employee*, manager*
    end-contract      employee*, on (the last day, still worked)
    extend-probation  employee*, until | days
    rename            employee*, family_name, given_name
    change-phone      employee*, phone
    assign-number     employee*, number
    add-attribute     employee*, definition*, value
    edit-attribute    attribute*, value
    replace-attribute attribute*, on, value (the value ends, another one follows it)
    delete-attribute  attribute*
    rename-department department*, name
    edit-personal-record employee*, part (bankAccount, phoneNumber, email, insuranceNumber, nationality…)
    create            resource*, name (a new entry in a list: a profession, a label, a department…)
    retitle           resource*, id*, name
    amend             resource*, id* (something else: an address, a rank, a calendar…)
    archive           resource*, id* (nothing may be attached)
    unarchive         resource*, id*
    reorder-departments parent (the departments below it change places)
    restore           moves (ids or timestamps: a sandbox restored; nothing has changed, all looks different)
    set               resource*, id*, path* (/familyName…), value*, stamp (false: keep lastUpdatedAt)
    touch             resource*, id* (only lastUpdatedAt moves)
    delete            resource*, id*
    request-leave     employee*, account, start, afternoon, half_days, minutes, comment, approvers (1, 2)
    enter-leave       the same but for approvers: HR types it in, there is no request
    approve-leave     request*
    deny-leave        request* (or the wish to take it back, if that waits)
    ask-cancellation  request*
    cancel-leave      period*, on (only that day)
    edit-leave        period*, account, start, afternoon, half_days, old (cancelled, gone)
    note-leave        period*, comment* (no timestamp moves)
    erase-leave       period* (no trace stays)
  Dates are written like 2026-11-22, ids are texts: {"action": "rename", "employee": "12"}.

Let it live
  curl {base}/control/steps -d '{"count": 5}'                 five changes now, as life would have it
  curl -X PUT {base}/control/life -d '{"per_minute": 20}'     20 a minute by themselves; 0 stops

Grant and revoke (what an admin of the tenant does to the client application; tokens in use feel it)
  curl {base}/control/grants                                  scopes, establishments, HR-file sections
  curl -X PUT {base}/control/grants -d '{"revoke": ["leaves.readonly", "leaves.readwrite"]}'
    grant, revoke      scopes that come and go; a token gains nothing: ask for a new one
    establishments, sections   as below; null for all

Webhooks are part of the API: POST {base}/lucca-api/webhook-endpoints, see the documentation.
  They go to this machine only, unless the simulator was started with --webhook-host.

Misbehave by name (they add up)
  curl {base}/control/misbehaviours -d '["429-storm", "resets"]'
{presets}

Misbehave in detail (a key you send replaces what stood there; DELETE switches everything off)
  curl -X PUT {base}/control/misbehaviours \\
       -d '{"faults": [{"kind": "status", "status": 503, "requests": 3}]}'
    faults             a list of {kind*, resource, of, requests, rate, …}
                         kind: status (status, retry_after, retry_after_as: seconds|date), delay (seconds),
                               truncate, invalid-json, reset,
                               malformed-record (malformed: no-id, not-an-object)
                         resource: a resource, * (default) or token; of: any (default), list, record
                         requests: how many it spoils (default: all); rate: the share of them, 0 to 1
    storm              {"every": 600, "lasts": 30, "retry_after": "seconds|date|none|mixed"}: all is 429
    others_per_minute  requests of the limit that another integration takes
    others             steady, or bursty: all of them as a minute begins
    heavy              {"above": 50, "includes": ["totalCount", "embedded"], "rate": 1}: such lists are 408
    token_lifetime     seconds after which tokens are worthless, though half an hour was promised
    max_limit          50: a larger limit is a 400
    page_numbers       honoured, refused (400) or ignored (page one) are whole numbers as page
    ignored_filters    ["id"]: documented parameters that lists ignore
    unknown_parameters refused (400) or ignored; null: as the simulator was started
    dead_cursors       the share, 0 to 1, of page tokens that are not known any more: 400
    ignore_if_none_match true: lists answer in full even when nothing has changed
    clock_skew         seconds by which Date, lastUpdatedAt and webhook timestamps are ahead (or behind: -300)
    shrinking          the share of further pages before which a record of that list is truly deleted
    deprecated         {"employees": "2027-06-30"}: Deprecation and Sunset headers; "*" for all
    webhooks           {"lost": 0.1, …}: shares, 0 to 1, of webhooks that are lost (called delivered, never
                         sent), repeated, shuffled (overtaken), wrong_signature, old_timestamp;
                         unrecorded: of changes without event; delayed: seconds
    refuse_scopes      ["employees"]: 403 for these resources
    refuse_credentials 400 or 401: the token endpoint knows nobody; null: it does
    hidden             {"employees": ["12"]}: neither listed nor answered by id; "*" for all
    unlisted           {"employees": ["12"]}: answered by id but not listed; ["*"] gives an empty list
    stale              {"employees": ["12"]}: lists show it as it was before its latest change; "*" for all
    stale_for          seconds after a change in which records are stale at all; null: always
    vanishing          {"employees": ["email"]}: all records lack these fields
    nulled             {"employees": ["email"]}: all records show these fields as null
    reordered          ["*"]: arrays of references come in another order at each call, of these resources
    reformatted        ["*"]: whole numbers come as 1 and as 1.0 by turns, of these resources
    restless_order     true: departments have another sortOrder at each call
    embedded_partial   true: embedded records lack fields, and some are missing
    embedded_stale     true: embedded records are shown as they were before their latest change
    establishments     ["1", "2"]: only people of these are seen; null: of all
    sections           ["contact", "training"] of contact, contract, equipment, family, training: only their
                         attributes are seen; all five at once: none at all; null: every one
    overrides          {"probationary-periods": {"3": {"endsOn": "2026-04-31"}}}: odd values, new fields;
                         "*" as id for all records, e.g. {"employees": {"*": {"favouriteColour": "blue"}}}
  curl -X DELETE {base}/control/misbehaviours
  curl -X DELETE {base}/control/tokens                        every access token becomes worthless
"""


def guide(base: str) -> str:
    """Return the text for a tenant at this address."""
    return _GUIDE.replace("{base}", base).replace("{presets}", described())
