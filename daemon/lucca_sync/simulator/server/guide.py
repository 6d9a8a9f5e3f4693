"""The text that explains the control API to somebody with curl."""

GUIDE = """\
The control API of a simulated Lucca tenant
===========================================
It asks for no token and counts against no limit. Everybody in here is invented.

Read the truth
  curl '{base}/control/ledger?after=0'         every change so far: which record, what, which fields
  curl {base}/control/records/employees/12     what the API would show of a record now (404: nothing)
  curl {base}/control/stats                    requests by path and status, 429s, requests a minute

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
    delete-attribute  attribute*
    rename-department department*, name
    edit-personal-record employee*, part (bankAccount, phoneNumber, email, insuranceNumber, nationality, title)
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
  Dates are written like 2026-11-22, ids are texts: {"action": "rename", "employee": "12"}.

Let it live
  curl {base}/control/steps -d '{"count": 5}'                 five changes now, as life would have it
  curl -X PUT {base}/control/life -d '{"per_minute": 20}'     20 a minute by themselves; 0 stops

Misbehave (a key you send replaces what stood there; DELETE switches everything off)
  curl -X PUT {base}/control/misbehaviours \\
       -d '{"faults": [{"kind": "status", "status": 503, "requests": 3}]}'
    faults             a list of {kind*, resource, of, requests, rate, …}
                         kind: status (status, retry_after, retry_after_as: seconds|date), delay (seconds),
                               truncate, invalid-json, reset,
                               malformed-record (malformed: no-id, not-an-object)
                         resource: a resource, * (default) or token; of: any (default), list, record
                         requests: how many it spoils (default: all); rate: the share of them, 0 to 1
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
