/** The config of a commit, branch or tag, by git and tar. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Config } from '../../src/config.ts'
import { perhaps } from '../../src/lib/nearest.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { refused, usage, type Failure } from '../command.ts'
import { project } from '../project.ts'
import { readSettings } from '../settings.ts'
import { plain } from '../text.ts'

const OTHERWISE = 'compare with what runs now: --against deployed'

/** Its folder is beside the config, so that what it imports is found. */
export async function readAt(ref: string, file: string): Promise<Result<Config, Failure>> {
  const cwd = dirname(file)
  if (ref.startsWith('-')) return usage(`"${plain(ref)}" is not a commit, branch or tag.`)
  const found = await run('git', ['rev-parse', '--show-toplevel'], cwd)
  if (!found.ok) {
    return found.error.includes('not a git repository')
      ? refused(
          `${cwd} is in no git repository, so it has no "${plain(ref)}". Commit the project to one, or ${OTHERWISE}.`,
        )
      : refused(found.error)
  }
  const top = found.value
  const isThere = await run('git', ['rev-parse', '--verify', '--quiet', `${ref}^{tree}`], top)
  if (!isThere.ok) return explainUnknown(ref, top)
  const folder = await mkdtemp(join(project, '.gatehouse-diff-'))
  try {
    const archive = join(folder, 'was.tar')
    const packed = await run('git', ['archive', '--format=tar', `--output=${archive}`, ref], top)
    const unpacked = packed.ok ? await run('tar', ['-xf', archive, '-C', folder], top) : packed
    if (!unpacked.ok)
      return refused(`The config of ${plain(ref)} cannot be read. ${unpacked.error}`)
    const settings = await readSettings(join(folder, relative(top, cwd), basename(file)))
    return settings.ok
      ? settings
      : refused(`At ${plain(ref)}: ${settings.error.message.replaceAll(`${folder}/`, '')}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function explainUnknown(ref: string, top: string): Promise<Result<never, Failure>> {
  const listed = await run('git', ['for-each-ref', '--format=%(refname:short)'], top)
  const known = listed.ok ? listed.value.split('\n') : []
  return refused(
    `The repository ${top} has no commit, branch or tag "${plain(ref)}"${plain(perhaps(ref, known))}. A clone of CI may lack it: git fetch origin ${plain(ref)}, then --against FETCH_HEAD. Or ${OTHERWISE}.`,
  )
}

/** @returns what it printed, or why it failed. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<Result<string, string>> {
  // Its messages are read above, and would otherwise be in the language of the operator.
  const env = { ...process.env, LC_ALL: 'C' }
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env }, (error, stdout, stderr) => {
      if (!error) return resolve(ok(stdout.trim()))
      const isMissing = error.code === 'ENOENT'
      resolve(
        err(
          isMissing
            ? `${program} does not start. Install it, or look at your PATH. Or ${OTHERWISE}.`
            : `${program} says: ${plain(stderr.trim().split('\n').slice(0, 3).join(' '))}`,
        ),
      )
    })
  })
}
