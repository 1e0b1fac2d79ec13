/** Service tokens, in the real D1. */
import { env } from 'cloudflare:workers'
import { SECRET_BYTES } from '../../src/lib/secret.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { hashProgramToken, toProgramToken, type ProgramToken } from '../../src/program/token.ts'
import type { ProgramScope } from '../../src/session/session.ts'
import { noon } from './site.ts'

export interface TestToken extends Partial<ProgramScope> {
  readonly id?: string
  readonly name?: string
  /** The id of the owner, a person. */
  readonly user?: string
  /** The id of the owner, a group. */
  readonly group?: string
  readonly expiresAt?: Instant
}

export async function addServiceToken(token: TestToken): Promise<ProgramToken> {
  const { id = crypto.randomUUID(), name = 'ci', user = null, group = null } = token
  const { sites = ['app.example.com'], paths = null, methods = null } = token
  await env.DB.prepare(
    `INSERT INTO service_tokens (id, name, user_id, group_id, sites, paths, methods, made_by, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'a test', ?8)`,
  )
    .bind(id, name, user, group, json(sites), paths && json(paths), methods && json(methods), noon)
    .run()
  return addSecret(id, token.expiresAt ?? plusSeconds(noon, 86_400))
}

/** Another secret of the token, as after a rotation. */
export async function addSecret(id: string, expiresAt: Instant): Promise<ProgramToken> {
  const secret = toProgramToken('service', crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
  await env.DB.prepare(
    'INSERT INTO service_secrets (hash, token, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)',
  )
    .bind(await hashProgramToken(secret), id, noon, expiresAt)
    .run()
  return secret
}

const json = (list: readonly string[]): string => JSON.stringify(list)

/** A request as a program sends it. */
export const bearing = (token: string, path = '/', init: RequestInit = {}): Request => {
  const headers = new Headers(init.headers)
  headers.set('Authorization', `Bearer ${token}`)
  return new Request(`https://app.example.com${path}`, { ...init, headers })
}

export const basic = (user: string, password: string): string =>
  `Basic ${btoa(`${user}:${password}`)}`
