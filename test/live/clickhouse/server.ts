/** ClickHouse of Debian, whose SQL is what Workers Analytics Engine speaks a part of. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess, whenListening } from '../../../tools/stage/process.ts'

export interface ClickHouse {
  /** @throws what ClickHouse says of a faulty statement. */
  readonly ask: (sql: string) => Promise<string>
  readonly stop: () => Promise<void>
}

export async function startClickHouse(): Promise<ClickHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-clickhouse-'))
  const port = await freePort()
  await writeFile(join(folder, 'config.xml'), configOf(folder, port))
  await writeFile(join(folder, 'users.xml'), USERS)
  const server = startProcess(
    ['clickhouse-server', `--config-file=${join(folder, 'config.xml')}`],
    {},
  )
  const stop = async () => {
    await server.stop()
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
  await whenListening(port, [server])
  return { ask, stop }
}

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
