/** `npm run demo` itself: what it prints is true, and nothing of it is left. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer as createSite } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { findFreePort } from '../../cli/free-port.ts'
import { launchChromium } from './chromium.ts'
import { choosePerson, eventually, headingOf, untilRefused } from './stage.ts'

const root = join(import.meta.dirname, '..', '..')
const running: ChildProcess[] = []
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')))

interface Running {
  readonly child: ChildProcess
  readonly printed: () => string
  readonly code: Promise<number | null>
}

/** As the script of package.json does it, by the Node that runs this. */
async function runDemo(port: number, ...more: readonly string[]): Promise<Running> {
  const begin = ['--disable-warning=ExperimentalWarning', 'demo/main.ts', '--port', String(port)]
  const args = [...begin, ...more]
  const child = spawn(process.execPath, args, { cwd: root })
  running.push(child)
  let printed = ''
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()))
  child.stderr.on('data', (data: Buffer) => (printed += data.toString()))
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve))
  await expect.poll(() => printed, eventually).toContain('Ctrl-C')
  return { child, printed: () => printed, code }
}

const matchIn = (text: string, pattern: RegExp): string => {
  const [, found] = pattern.exec(text) ?? []
  if (found === undefined) throw new Error(`${pattern} is not in:\n${text}`)
  return found
}
const isOpen = (url: string): Promise<boolean> =>
  fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('prints one address to open, and Ctrl-C leaves nothing running and nothing stored', async () => {
  const demo = await runDemo(await findFreePort(0))
  const text = demo.printed()
  // Browsers take every host below `localhost` for this machine; Node asks the system.
  const urls = new Set(
    text.match(/http:\/\/[\w.]+:\d+/g)?.map((url) => url.replace(/\w+\.localhost/, 'localhost')),
  )
  const siteUrl = matchIn(text, /Open +(http:\S+)/)
  const store = matchIn(text, /--persist-to (\S+)/)
  expect(urls.has(siteUrl)).toBe(true)
  for (const url of urls) expect(await isOpen(url)).toBe(true)
  expect(existsSync(store)).toBe(true)
  const { pid = 0 } = demo.child
  const children = existsSync('/proc')
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
    : []

  demo.child.kill('SIGINT')
  expect(await demo.code).toBe(0)
  for (const url of urls) expect(await isOpen(url)).toBe(false)
  expect(children.filter(isAlive)).toEqual([])
  expect(existsSync(store)).toBe(false)
})

it('says which ports are taken, and takes others', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  const demo = await runDemo(port)
  const siteUrl = matchIn(demo.printed(), /Open +(http:\S+)/)
  expect(demo.printed()).toContain(
    `Port ${port} is taken by another program, so the site is at ${siteUrl}`,
  )
  expect(await isOpen(siteUrl)).toBe(true)
  demo.child.kill('SIGTERM')
  expect(await demo.code).toBe(0)
  other.close()
})

it('guards a site of somebody, who sees its visitor named, and then put out by the directory', async () => {
  const site = createSite((request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(
      `<h1>Mine</h1><p>${request.headers['x-forwarded-email']?.toString() ?? 'nobody'}</p>`,
    )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => site.once('listening', resolve))
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  const demo = await runDemo(await findFreePort(0), '--origin', origin)
  const siteUrl = matchIn(demo.printed(), /Open +(http:\S+) +your site at/)
  const directory = matchIn(demo.printed(), /(http:\S+\/directory)/)
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(siteUrl)
  expect(await page.textContent('body')).toContain(
    `To continue to ${new URL(siteUrl).host}, choose`,
  )
  await choosePerson(page, 'Ada Lovelace')
  await page.getByText('ada@northwind.example').waitFor()
  expect(await headingOf(page)).toBe('Mine')

  await page.goto(directory)
  expect(await page.getByRole('link', { name: 'your site' }).getAttribute('href')).toBe(
    `${siteUrl}/`,
  )
  await page.getByRole('button', { name: 'Deactivate Ada Lovelace' }).click()
  await page.getByRole('button', { name: 'Activate Ada Lovelace' }).waitFor()
  await untilRefused(page, siteUrl)
  await page.goto(siteUrl)
  expect(await headingOf(page)).toBe('Your account is disabled')
  await browser.close()
  demo.child.kill('SIGINT')
  expect(await demo.code).toBe(0)
  site.close()
})

it('is stopped whole by a SIGTERM to its group, which reaches it twice', async () => {
  const args = ['scripts/run.mjs', 'demo', '--port', String(await findFreePort(0))]
  const child = spawn(process.execPath, args, { cwd: root, detached: true })
  const { pid } = child
  if (pid === undefined) throw new Error('it does not start')
  running.push(child)
  let printed = ''
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()))
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve))
  await expect.poll(() => printed, eventually).toContain('Ctrl-C')
  const store = matchIn(printed, /--persist-to (\S+)/)
  process.kill(-pid, 'SIGTERM')
  expect(await code).toBe(0)
  expect(existsSync(store)).toBe(false)
})

it('refuses what it does not know in a sentence', async () => {
  const cases = [
    [['--help'], 0, 'npm run demo: a site,'],
    [['--origin', 'http://127.0.0.1:3000/path'], 2, '--origin must be a URL of scheme and host'],
    [['--origin', 'http://site.example.com'], 2, '--origin must begin with https://'],
    [['--orgin', 'x'], 2, '--orgin is not an option here. Did you mean --origin?'],
    [['--store', 'x'], 2, '"--store" is not an option of the demo.'],
    [['--port', '0'], 2, '--port must be a number'],
  ] as const
  for (const [args, code, says] of cases) {
    const child = spawn(process.execPath, ['demo/main.ts', ...args], { cwd: root })
    let printed = ''
    child.stdout.on('data', (data: Buffer) => (printed += data.toString()))
    child.stderr.on('data', (data: Buffer) => (printed += data.toString()))
    const ended = await new Promise((resolve) => child.on('close', resolve))
    expect([ended, printed]).toEqual([code, expect.stringContaining(says)])
    expect(printed).not.toMatch(/\n +at /)
  }
})

it('prints a command that puts Ada out while she is signed in', async () => {
  const demo = await runDemo(await findFreePort(0))
  const siteUrl = matchIn(demo.printed(), /Open +(http:\S+)/)
  const command = matchIn(demo.printed(), /npx gatehouse (user disable .+)/)
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(`${siteUrl}/live`)
  await choosePerson(page, 'Ada Lovelace')
  await page.locator('#list li').first().waitFor()

  const cli = [join(root, 'bin', 'gatehouse.mjs'), ...command.split(' ')]
  const { stdout } = await promisify(execFile)(process.execPath, cli, { cwd: root })
  expect(stdout).toContain('ada is disabled')
  await page.getByText('The stream is over').waitFor(eventually)
  await page.goto(`${siteUrl}/`)
  await page.getByRole('heading', { name: 'Your account is disabled' }).waitFor()
  expect(await headingOf(page)).toBe('Your account is disabled')
  await browser.close()
  demo.child.kill('SIGINT')
  expect(await demo.code).toBe(0)
})
