/**
 * A real Chromium: the one that npm brings, for Linux on x64, and elsewhere the system's. npm's draws
 * no window, and needs a quarter of the CPU time.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { slowly } from './slow.ts'

/** For machines without a display, a GPU or user namespaces, and silent on the network. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How long a page waits for what should come: a machine may be busy. */
const PATIENCE_MS = 180_000

/** @param more arguments of Chromium. */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const isPacked = process.platform === 'linux' && process.arch === 'x64'
  const { executablePath, env } = isPacked ? await unpackChromium() : findSystemChromium()
  // A proxy would not see the names that such a rule maps.
  const mapsNames = more.some((each) => each.startsWith('--host-resolver-rules'))
  const browser = await chromium.launch({
    executablePath,
    args: [...args, ...more, ...(mapsNames ? [] : await slowly())],
    env: { ...process.env, ...env },
  })
  const newContext = browser.newContext.bind(browser)
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(PATIENCE_MS)
    return context
  }
  return browser
}

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
]
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]

function findSystemChromium(): Installed {
  const directories = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = directories.flatMap((directory) => names.map((name) => join(directory, name)))
  const executablePath = [...candidates, ...elsewhere].find(isExecutable)
  if (executablePath === undefined) throw new Error('Install Chromium, Chrome or Edge.')
  return { executablePath, env: {} }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

interface Installed {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

/** Once for each version. Moved to its place when it is whole, as two runs may unpack at a time. */
async function unpackChromium(): Promise<Installed> {
  const manifest = join(packageDirectory(), 'package.json')
  const { version } = JSON.parse(await readFile(manifest, 'utf8'))
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'gatehouse')
  const place = join(cache, `chromium-${version}`)
  if (!existsSync(place)) {
    await mkdir(cache, { recursive: true })
    const unfinished = await mkdtemp(`${place}-`)
    await unpackInto(unfinished)
    await writeFile(join(unfinished, 'fonts', 'fonts.conf'), fontsIn(join(place, 'fonts')))
    await rename(unfinished, place).catch(() => rm(unfinished, { recursive: true }))
  }
  // It brings a font, for systems that have none.
  const hasFonts = existsSync('/etc/fonts/fonts.conf')
  const env = hasFonts ? {} : { FONTCONFIG_PATH: join(place, 'fonts') }
  return { executablePath: join(place, 'chromium'), env }
}

/** Its own looks for them elsewhere. */
const fontsIn = (directory: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}</dir>
  <cachedir>${directory}</cachedir>
</fontconfig>
`

const packageDirectory = (): string =>
  dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')))

/** The package unpacks into the directory for temporary files, and takes what it finds there. */
async function unpackInto(directory: string): Promise<void> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = directory
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
