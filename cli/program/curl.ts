/** Runs curl with a token. The token is on curl's standard input, because everybody on the computer sees arguments. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ok, type Err, type Result } from '../../src/lib/result.ts'
import { refused, usage, type Failure } from '../command.ts'

/** null: curl may have these. */
export function judgeArguments(site: string, args: readonly string[]): Err<Failure> | null {
  for (const [at, arg] of args.entries()) {
    if (/^(--location-trusted|--next|-:|--config(=.*)?|-K.*)$/.test(arg)) {
      return usage(`${arg.split('=')[0]} cannot be used here: another host could get your token.`)
    }
    const value = arg.replace(/^--url=/, '')
    const isAddress = /^https?:\/\//i.test(value)
    const isOfOption =
      value === arg && (args[at - 1] ?? '').startsWith('-') && args[at - 1] !== '--url'
    if (isAddress && !isOfOption && !(URL.canParse(value) && new URL(value).origin === site)) {
      return usage(
        'Name addresses of one site only: another host could get your token. Write a value of an option as --option=value.',
      )
    }
    if (/(^|[=@<])-$|^-T-$|@-;|=@\.$|^-T\.$/.test(arg)) {
      return usage("curl's standard input is taken by the token. Put what you send into a file.")
    }
  }
  return null
}

/** @returns the exit code of curl. */
export async function runCurl(
  url: string,
  args: readonly string[],
  token: string,
): Promise<Result<number, Failure>> {
  return new Promise((resolve) => {
    const child = spawn('curl', ['--config', '-', ...args, url], {
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    child.on('error', () =>
      resolve(refused('curl does not start. Install it, or look at your PATH.')),
    )
    child.on('exit', (code, signal) =>
      resolve(ok(code ?? 128 + (signal ? constants.signals[signal] : 0))),
    )
    // curl may end before it has read all.
    child.stdin.on('error', () => undefined)
    // curl does not send it to another host after a redirect.
    child.stdin.end(`header = "Authorization: Bearer ${token}"\n`)
  })
}
