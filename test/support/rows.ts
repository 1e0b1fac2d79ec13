/** Rows of every table, as the Worker writes them. Parents come before their children. */
import { env } from 'cloudflare:workers'

export type Row = Readonly<Record<string, string | number | null>>
export type Rows = readonly (readonly [table: string, row: Row])[]

/** The columns of each table of ours, as the schema is now. */
export async function columnsOf(db: D1Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const { results } = await db
    .prepare(
      `SELECT t.name AS name, json_group_array(c.name) AS columns
       FROM sqlite_schema AS t CROSS JOIN pragma_table_info(t.name) AS c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         AND t.name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND t.name <> 'd1_migrations'
       GROUP BY t.name`,
    )
    .all<{ name: string; columns: string }>()
  return new Map(results.map(({ name, columns }) => [name, JSON.parse(columns) as string[]]))
}

/** Adds the rows. What the schema does not have, a table or a column, is left out. */
export async function addRows(rows: Rows, db: D1Database = env.DB): Promise<void> {
  const columns = await columnsOf(db)
  const statements = rows.flatMap(([table, row]) => {
    const has = columns.get(table)
    if (!has) return []
    const own = Object.entries(row).filter(([name]) => has.includes(name))
    const names = own.map(([name]) => name)
    return db
      .prepare(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((_, i) => `?${i + 1}`).join(', ')})`,
      )
      .bind(...own.map(([, value]) => value))
  })
  await db.batch(statements)
}

interface Given {
  readonly connection: string
  readonly now: number
}

const HOUR = 3_600_000

export const connectionRows = ({ connection, now }: Given): Rows => [
  [
    'connections',
    {
      id: connection,
      display_name: 'Acme',
      enabled: 1,
      idp_entity_id: 'https://idp.acme.com',
      sso_url: 'https://idp.acme.com/sso',
      sso_binding: 'redirect',
      metadata_url: null,
      provisioning: 'jit',
      with_directory: 1,
      settings: '{}',
      created_at: now - 90 * HOUR,
      updated_at: now - 90 * HOUR,
      slo: null,
    },
  ],
  ['connection_domains', { domain: `${connection}.com`, connection }],
  [
    'scim_groups',
    {
      id: `group-${connection}`,
      connection,
      name: 'Staff',
      name_fold: 'staff',
      external_id: null,
      doc: '{"own":{"displayName":"Staff"},"extension":{}}',
      search: '{"displayname":"staff"}',
      version: 1,
      write_id: 'w0',
      created_at: now - 80 * HOUR,
      updated_at: now - 80 * HOUR,
    },
  ],
]

/**
 * A person whom a directory sent and who is signed in. Each value about the person has the mark in
 * it, which is lower case and a word of its own.
 */
export function personRows(mark: string, { connection, now }: Given, nth: number): Rows {
  const [id, name, email] = [`id-${mark}`, mark, `${mark}@${connection}.com`]
  const made = { created_at: now - 70 * HOUR, updated_at: now - 60 * HOUR }
  const facts = (own: object) => JSON.stringify(own)
  return [
    [
      'users',
      {
        id,
        connection,
        subject: email,
        user_name: email,
        email,
        display_name: `${name} Lovelace`,
        active: 1,
        barred: 0,
        source: 'scim',
        sessions_valid_from: now - 70 * HOUR,
        ...made,
        last_login_at: now - HOUR,
      },
    ],
    [
      'scim_users',
      {
        id,
        connection,
        name: email,
        name_fold: email,
        external_id: `external-${mark}`,
        display: `${name} Lovelace`,
        display_fold: `${name} lovelace`,
        active: 1,
        doc: facts({ own: { userName: email, nickName: mark, active: true }, extension: {} }),
        search: facts({ username: email, nickname: mark }),
        version: 2,
        write_id: 'w1',
        ...made,
      },
    ],
    ['scim_keys', { connection, path: 'emails.value', value: `other.${email}`, user_id: id }],
    ['scim_members', { group_id: `group-${connection}`, user_id: id }],
    ['scim_held', { connection, user_id: id, since: now - HOUR, tried_at: now - HOUR }],
    ['scim_removals', { connection, user_id: id, removed_at: now - HOUR / 2 }],
    [
      'scim_requests',
      {
        connection,
        nth,
        at: now - HOUR,
        method: 'PATCH',
        path: `/Users/${id}`,
        status: 400,
        scim_type: 'invalidValue',
        detail: `"${mark}" is no address.`,
        token: 't1',
      },
    ],
    [
      'sign_ins',
      {
        id: `sign-in-${nth}`,
        user_id: id,
        connection,
        name_id: `name-id-${mark}`,
        name_id_format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        name_qualifier: `nq-${mark}`,
        sp_name_qualifier: `spnq-${mark}`,
        session_index: `index-${mark}`,
        authn_instant: now - HOUR,
        authn_context: `urn:context:${mark}`,
        opened_at: now - HOUR,
        expires_at: now + 8 * HOUR,
        last_seen_at: now - 1000,
        ended_at: null,
        ended_why: null,
        device: `Firefox of ${mark}`,
        country: 'DE',
      },
    ],
    [
      'sessions',
      {
        id: `session-${nth}`,
        user_id: id,
        connection,
        site: `${mark}.example.com`,
        opened_at: now - HOUR,
        expires_at: now + 8 * HOUR,
        last_seen_at: now - 1000,
        revoked_at: null,
        token_hash: `hash-${mark}-`.padEnd(43, 'A'),
        asserted_groups: facts([`group of ${mark}`]),
        sign_in: `sign-in-${nth}`,
        bound_at: now - HOUR,
        device_key: facts({ kty: 'EC', x: `key of ${mark}` }),
        proved_at: now - 1000,
      },
    ],
    [
      'transfers',
      {
        code_hash: `code-${nth}`,
        sign_in: `sign-in-${nth}`,
        host: 'wiki.example.com',
        login: 'l1',
        session: facts({ userName: mark }),
        expires_at: now + 60_000,
      },
    ],
    [
      'logout_requests',
      {
        connection,
        id: `_logout-${nth}`,
        taken_by: 'r1',
        name_id: `name-id-${mark}`,
        session_indexes: facts([`index-${mark}`]),
        asked_at: now - 1000,
        expires_at: now + 300_000,
      },
    ],
    [
      'oauth_grants',
      {
        id: `grant-${nth}`,
        user_id: id,
        client: 'reports',
        client_name: 'Reports',
        client_kind: 'listed',
        site: 'wiki.acme.com',
        session: JSON.stringify({ email }),
        since: now - 2 * HOUR,
        granted_at: now - HOUR,
        last_used_at: now - HOUR,
        expires_at: now + 90 * HOUR,
        code_hash: `code-hash-${nth}`,
        code_expires_at: now - HOUR,
        redirect: 'https://reports.example/cb',
        challenge: 'challenge',
        redeemed_at: now - HOUR,
        family_hash: `family-hash-${nth}`,
        refresh_hash: `refresh-hash-${nth}`,
      },
    ],
    [
      'admin_tokens',
      {
        id: `token-${nth}`,
        label: 'a program',
        scopes: '["read"]',
        hash: `token-hash-${nth}`,
        made_by: email,
        created_at: now - HOUR,
        expires_at: now + 90 * HOUR,
        last_used_at: null,
        revoked_at: null,
        maker: id,
      },
    ],
    ...serviceTokenRows(mark, { connection, now }, nth),
    ...events(mark, { connection, now }, nth),
    [
      'attempts',
      {
        pool: `done ${connection}`,
        nth,
        id: `attempt-${mark}`,
        at: now - HOUR,
        kind: 'sign-in',
        host: `${mark}.example.com`,
        connection,
        reason: null,
        user_id: id,
        person: email,
        assertion: `_assertion-${nth}`,
        facts: facts({ session: mark }),
        findings: facts([{ says: mark }]),
        document: `<NameID>${mark}</NameID>`,
      },
    ],
    [
      'attempts',
      {
        pool: `denied ${connection}`,
        nth,
        id: `denied-${mark}`,
        at: now - HOUR,
        kind: 'sign-in',
        host: 'app.example.com',
        connection,
        reason: `not-provisioned`,
        user_id: null,
        person: email.toUpperCase(),
        assertion: null,
        facts: '{}',
        findings: '[]',
        document: null,
      },
    ],
  ]
}

/** By the person, about the person, and naming the person; with what an operator did. */
const events = (mark: string, { connection, now }: Given, nth: number): Rows => {
  const event = (
    place: number,
    kind: string,
    user: string | null,
    facts: object,
    share = 'done',
  ): readonly [string, Row] => [
    'audit',
    {
      share,
      nth: nth * 10 + place,
      at: now - HOUR + place,
      kind,
      connection,
      user_id: user,
      request_id: kind === 'operator' ? `request-${nth}` : `request-${mark}-${place}`,
      dropped: 0,
      facts: JSON.stringify(facts),
    },
  ]
  const id = `id-${mark}`
  return [
    event(1, 'login', id, { site: 'app.example.com', session: `of ${mark}`, country: 'DE' }),
    event(
      2,
      'login-refused',
      null,
      { site: 's', reason: 'x', person: `${mark}@${connection}.COM` },
      'denied',
    ),
    event(3, 'operator', id, {
      actor: 'cli',
      operator: 'Olga',
      command: 'user disable',
      sessions: 0,
    }),
    event(4, 'operator', null, {
      actor: 'console',
      operator: mark,
      operatorUser: id,
      command: 'keys rotate',
    }),
  ]
}

/** One that the person owns, and one that the person made for a group. */
function serviceTokenRows(mark: string, { connection, now }: Given, nth: number): Rows {
  const terms = {
    sites: '["app.example.com"]',
    paths: '["/repo"]',
    methods: '["GET"]',
    created_at: now - HOUR,
    rotated_at: now - HOUR,
    last_used_at: now - 1000,
    revoked_at: null,
  }
  return [
    [
      'service_tokens',
      {
        id: `owned-${nth}`,
        name: `ci-of-${mark}`,
        description: `for ${mark}`,
        user_id: `id-${mark}`,
        group_id: null,
        made_by: 'Grace',
        maker: null,
        ...terms,
      },
    ],
    [
      'service_secrets',
      {
        hash: `service-hash-${nth}`,
        token: `owned-${nth}`,
        created_at: now - HOUR,
        expires_at: now + 90 * HOUR,
      },
    ],
    [
      'service_tokens',
      {
        id: `made-${nth}`,
        name: `backup-${nth}`,
        description: null,
        user_id: null,
        group_id: `group-${connection}`,
        made_by: `${mark}@${connection}.com`,
        maker: `id-${mark}`,
        ...terms,
      },
    ],
  ]
}
