/** Whether `--remote` goes through the API of the login host: it does where the environment has a token. */
import { parseAdminToken, type AdminToken } from '../../src/admin/admin-token.ts'
import type { Config } from '../../src/config.ts'
import { isHttpsOrLocal } from '../../src/connection/fields.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, textOf, usage, type Command, type Failure, type Input } from '../command.ts'
import { plain } from '../text.ts'

/** Only the environment has it: other users of the machine can read arguments. */
export const TOKEN_VARIABLE = 'GATEHOUSE_API_TOKEN'

export interface ApiChoice {
  /** `https://login.example.com` */
  readonly loginHost: string
  readonly token: AdminToken
}

/** @returns null: the command goes to the database. */
export function readApiChoice(
  input: Input,
  environment: Readonly<Record<string, string | undefined>>,
  settings: Result<Config, Failure>,
): Result<ApiChoice | null, Failure> {
  const secret = environment[TOKEN_VARIABLE]?.trim() ?? ''
  const named = textOf(input, 'login-host')
  const isRemote = input.switches.has('remote') && !input.switches.has('local')
  if (!isRemote || secret === '') {
    return named === null
      ? ok(null)
      : usage(
          `--login-host says whose API is asked: give it with --remote, and a token of the API in the environment, as ${TOKEN_VARIABLE}.`,
        )
  }
  if (textOf(input, 'persist-to') !== null) return usage('--persist-to goes with --local only.')
  const token = parseAdminToken(secret)
  if (!token) {
    return refused(
      `${TOKEN_VARIABLE} has no token of the API, or not the whole of one: it begins with gatehouse_admin_ and has 65 characters. Nothing was sent.`,
    )
  }
  if (named === null && !settings.ok) {
    return refused(
      `${settings.error.message}\nThe login host is not known without it. Name it: --login-host https://login.example.com`,
    )
  }
  const loginHost = readAddress(named ?? (settings.ok ? settings.value.loginHost.url : ''))
  return loginHost.ok ? ok({ loginHost: loginHost.value, token }) : loginHost
}

function readAddress(text: string): Result<string, Failure> {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && isHttpsOrLocal(url) && url.username === '' && url.password === '') {
    return ok(url.origin)
  }
  return usage(
    `The login host must be an address that begins with https://, such as https://login.example.com (plain http is for localhost only). It is "${plain(text)}".`,
  )
}

export const NAMED_BY_TOKEN =
  'The API names a change by the label of the token, so --as is not taken with GATEHOUSE_API_TOKEN: leave it out.'

export const noApiFor = ({ name }: Command): string =>
  `"${name}" reads the database itself, with GATEHOUSE_API_TOKEN too: the API does not have what it reads.`
