/**
 * What a sign-in leaves on this computer: a file for each site, which only its owner may read. A
 * refresh token works once, so commands that run at the same time take turns.
 */
import { lstat, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'

const shape = v.object({
  site: v.string(),
  issuer: v.string(),
  client: v.string(),
  token: v.string(),
  revoke: v.string(),
  refresh: v.string(),
  access: v.string(),
  /** Milliseconds since 1970 */
  accessUntil: v.number(),
})
export type Kept = v.InferOutput<typeof shape>

const LOCK_MS = 90_000
const LOOK_MS = 100

export function folderOf(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME, APPDATA } = env
  const isWindows = process.platform === 'win32'
  const above = isWindows ? APPDATA : XDG_CONFIG_HOME
  return join(above || join(homedir(), '.config'), 'gatehouse')
}

const fileOf = (site: string): string =>
  join(folderOf(process.env), `${encodeURIComponent(site)}.json`)

/** null: nobody has signed in at the site here. */
export async function readKept(site: string): Promise<Result<Kept | null, Failure>> {
  const file = fileOf(site)
  const found = await lstat(file).catch(() => null)
  if (!found) return ok(null)
  if (!found.isFile()) return refused(`${file} is no plain file. Remove it, and sign in again.`)
  // Windows has no such bits: the folder belongs to its user.
  if (process.platform !== 'win32') {
    if ((found.mode & 0o077) !== 0) {
      return refused(
        `Others on this computer may read ${file}, which has a secret. Run: chmod 600 '${file}'. If another person may have read it: gatehouse logout ${site}, and sign in again.`,
      )
    }
    if (found.uid !== process.getuid?.()) return refused(`${file} belongs to another user.`)
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), shape), await readFile(file, 'utf8'))
  return parsed.success && parsed.output.site === site
    ? ok(parsed.output)
    : refused(`${file} is damaged. Run: gatehouse login ${site}`)
}

/** The file is replaced as a whole, so that a command that is cut short leaves the old one. */
export async function saveKept(kept: Kept): Promise<void> {
  const file = fileOf(kept.site)
  await makeFolder()
  const next = `${file}.${crypto.randomUUID()}`
  await writeFile(next, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(next, file)
}

export const removeKept = (site: string): Promise<void> => rm(fileOf(site), { force: true })

/**
 * One command at a time for each site. A lock of a command that was killed counts for 90 seconds. Two
 * commands that remove it at the same moment may both go on; then the person has to sign in again.
 */
export async function inTurn<T>(site: string, work: () => Promise<T>): Promise<T> {
  await makeFolder()
  const lock = `${fileOf(site)}.lock`
  for (;;) {
    const taken = await open(lock, 'wx', 0o600).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null
      throw error
    })
    if (taken) {
      await taken.close()
      break
    }
    const other = await stat(lock).catch(() => null)
    if (other && Date.now() - other.mtimeMs > LOCK_MS) await rm(lock, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

const makeFolder = () => mkdir(folderOf(process.env), { recursive: true, mode: 0o700 })
