/** ClickHouse of Debian, whose SQL is what Workers Analytics Engine speaks a part of. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface ClickHouse {
  /** @throws what ClickHouse says of a faulty statement. */
  readonly ask: (sql: string) => Promise<string>
  readonly stop: () => Promise<void>
}

const STARTS_WITHIN_SECONDS = 60

export async function startClickHouse(): Promise<ClickHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-clickhouse-'))
  const port = await freePort()
  await writeFile(join(folder, 'config.xml'), configOf(folder, port))
  await writeFile(join(folder, 'users.xml'), USERS)
  const server = spawn('clickhouse-server', [`--config-file=${join(folder, 'config.xml')}`], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => {
    server.on('exit', () => resolve()).on('error', () => resolve())
  })
  const stop = async () => {
    server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
  const ask = async (sql: string) => {
    // Integers as numbers, not as texts.
    const url = `http://127.0.0.1:${port}/?output_format_json_quote_64bit_integers=0`
    const answer = await fetch(url, { method: 'POST', body: sql })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${text}\n${sql}`)
    return text
  }
  for (let i = 0; i < STARTS_WITHIN_SECONDS * 5; i++) {
    if (await ask('SELECT 1').catch(() => null)) return { ask, stop }
    await wait(200)
  }
  await stop()
  throw new Error('ClickHouse did not start: has test/live/install.sh run?')
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('none')),
      )
    })
  })

const configOf = (folder: string, port: number): string => `<yandex>
  <logger><level>none</level></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${port}</http_port>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>50000000</mark_cache_size>
  <timezone>UTC</timezone>
</yandex>`

const USERS = `<yandex>
  <profiles><default><max_memory_usage>500000000</max_memory_usage></default></profiles>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </default>
  </users>
  <quotas><default></default></quotas>
</yandex>`
