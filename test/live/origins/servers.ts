/** The web servers of Debian as sites behind the gate: one folder of files, and one log for each. */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  freePort,
  startProcess,
  whenListening,
  type Running,
} from '../../../tools/stage/process.ts'

export const names = ['nginx', 'apache', 'node', 'gunicorn', 'caddy', 'nginx-node'] as const
export type Name = (typeof names)[number]

export interface Server {
  readonly name: Name
  readonly port: number
  /** The page that answers with the request as the site sees it, below `/public` and `/guarded`. */
  readonly echo: string
  /** Another one, that reads a body of any length. */
  readonly reading: string
  /** The request lines that the site has read so far, as `GET /path HTTP/1.1`. */
  readonly log: () => Promise<readonly string[]>
}

export interface Servers {
  readonly all: ReadonlyMap<Name, Server>
  readonly stop: () => Promise<void>
}

/** What the guarded pages say. */
export const GUARDED = 'GUARDED'
/** What each server says under the name of another host. */
export const INTERNAL = 'INTERNAL'
const files = {
  'guarded/page.txt': GUARDED,
  'guarded/deep/page.txt': GUARDED,
  'public/page.txt': 'OPEN',
  'guarded/internal.txt': INTERNAL,
  'root.txt': 'ROOT',
}

interface Place {
  readonly port: number
  readonly directory: string
  readonly docroot: string
  readonly log: string
  /** The ports of PHP by FastCGI, and of a site in Node that other servers pass requests to. */
  readonly php: number
  readonly behind: number
}

export async function startServers(): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-origins-'))
  // nginx and Apache serve as another user than the one that starts them, where that is root.
  await chmod(directory, 0o755)
  const docroot = join(directory, 'files')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(docroot, name, '..'), { recursive: true })
    await writeFile(join(docroot, name), text)
  }
  for (const folder of ['public', 'guarded']) {
    await copyFile(join(import.meta.dirname, 'echo.php'), join(docroot, folder, 'echo.php'))
  }
  const php = await freePort()
  const ports = new Map<Name, number>()
  for (const name of names) ports.set(name, await freePort())
  const behind = await freePort()
  const behindLog = join(directory, 'behind.log')
  const inNode = node({ port: behind, docroot, log: behindLog })

  const running: Running[] = [
    startProcess(['php-cgi', '-b', `127.0.0.1:${php}`], PHP),
    startProcess(inNode.command, inNode.env),
  ]
  const all = new Map<Name, Server>()
  const stop = async () => {
    for (const each of running) await each.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    for (const [name, port] of ports) {
      const own = join(directory, name)
      await mkdir(own, { recursive: true })
      const log = join(own, 'access.log')
      const { command, env } = await kinds[name]({
        port,
        directory: own,
        docroot,
        log,
        php,
        behind,
      })
      const started = startProcess(command, env ?? {})
      running.unshift(started)
      await whenListening(port, [started])
      const seenAt = name === 'nginx-node' ? behindLog : log
      all.set(name, {
        name,
        port,
        echo: echoes[name],
        reading: name === 'caddy' ? 'echo' : echoes[name],
        log: () => linesOf(seenAt),
      })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { all, stop }
}

const PHP = { PHP_FCGI_MAX_REQUESTS: '0', PHP_FCGI_CHILDREN: '4' }

const echoes: Readonly<Record<Name, string>> = {
  nginx: 'echo.php',
  apache: 'echo.php',
  node: 'echo',
  gunicorn: 'echo',
  caddy: 'echo.php',
  'nginx-node': 'echo',
}

/** Caddy writes JSON, the others the line itself. */
async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'latin1').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    if (!line.startsWith('{')) return line
    const { method, uri, proto } = JSON.parse(line).request
    return `${method} ${uri} ${proto}`
  })
}

interface Started {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Each is set up as leniently as its documentation allows. */
const kinds: Readonly<Record<Name, (place: Place) => Promise<Started>>> = {
  nginx: (place) =>
    nginx(
      place,
      `root ${place.docroot};
       location ~* ^/guarded/handler { return 200 "${GUARDED} handler"; }
       # The well-known fault: no slash after the name, and one after the folder.
       location /static { alias ${place.docroot}/public/; }
       location ~ \\.php(/|$) {
         fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
         include /etc/nginx/fastcgi_params;
         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
         fastcgi_param PATH_INFO $fastcgi_path_info;
         fastcgi_pass 127.0.0.1:${place.php};
       }`,
    ),

  'nginx-node': (place) =>
    nginx(
      place,
      `location / {
         # With a path: nginx sends the path that it decoded, encoded anew.
         proxy_pass http://127.0.0.1:${place.behind}/;
         proxy_http_version 1.1;
         proxy_set_header Connection "";
         proxy_request_buffering off;
       }`,
    ),

  async apache({ port, directory, docroot, log, php }) {
    const file = join(directory, 'apache.conf')
    const modules = [
      'mpm_event',
      'authz_core',
      'dir',
      'mime',
      'alias',
      'rewrite',
      'proxy',
      'proxy_fcgi',
    ]
    await writeFile(
      file,
      `ServerRoot ${directory}
       ServerName localhost
       PidFile ${directory}/pid
       DefaultRuntimeDir ${directory}
       Listen 127.0.0.1:${port}
       ${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
       User www-data
       Group www-data
       ErrorLog ${directory}/error.log
       LogFormat "%r" line
       CustomLog ${log} line
       TypesConfig /etc/mime.types
       HttpProtocolOptions Unsafe LenientMethods Allow0.9
       AllowEncodedSlashes On
       TraceEnable on
       <Directory ${docroot}>
         Require all granted
         <FilesMatch "\\.php$">
           ProxyFCGIBackendType GENERIC
           SetHandler "proxy:fcgi://127.0.0.1:${php}"
         </FilesMatch>
       </Directory>
       <VirtualHost *:${port}>
         DocumentRoot ${docroot}
         AllowEncodedSlashes On
       </VirtualHost>
       <VirtualHost *:${port}>
         ServerName internal.localhost
         RewriteEngine on
         RewriteRule .* /internal.txt [L]
         DocumentRoot ${docroot}/guarded
       </VirtualHost>`,
    )
    return { command: ['/usr/sbin/apache2', '-f', file, '-DFOREGROUND'] }
  },

  node: async (place) => node(place),

  async gunicorn({ port, docroot, log }) {
    const listen = ['--bind', `127.0.0.1:${port}`, '--worker-class', 'gthread', '--threads', '4']
    const logged = ['--access-logfile', log, '--access-logformat', '%(r)s']
    const command = ['/usr/bin/gunicorn', ...listen, ...logged, '--chdir', import.meta.dirname]
    return {
      command: [...command, 'app:application'],
      env: { DOCROOT: docroot, PYTHONDONTWRITEBYTECODE: '1' },
    }
  },

  async caddy({ port, directory, docroot, log, php, behind }) {
    const file = join(directory, 'Caddyfile')
    await writeFile(
      file,
      `{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://internal.localhost:${port} {
  bind 127.0.0.1
  respond "${INTERNAL}"
}
http://:${port} {
  bind 127.0.0.1
  root * ${docroot}
  log {
    output file ${log}
    format json
  }
  @handler path /guarded/handler*
  respond @handler "${GUARDED} handler"
  # PHP by FastCGI never answers a body of unknown length: Caddy sends it no CONTENT_LENGTH.
  reverse_proxy /public/echo 127.0.0.1:${behind}
  php_fastcgi 127.0.0.1:${php} {
    # Otherwise Caddy writes X-Forwarded-Host and its like anew.
    trusted_proxies private_ranges
  }
  file_server
}
`,
    )
    const home = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory }
    return {
      command: ['/usr/bin/caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
      env: home,
    }
  },
}

async function nginx({ port, directory, log }: Place, site: string): Promise<Started> {
  const file = join(directory, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  await writeFile(
    file,
    `daemon off;
     pid ${directory}/pid;
     error_log ${directory}/error.log;
     worker_processes 1;
     events {}
     http {
       ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n')}
       log_format line '$request';
       access_log ${log} line;
       underscores_in_headers on;
       ignore_invalid_headers off;
       merge_slashes on;
       default_type text/plain;
       server {
         listen 127.0.0.1:${port} default_server;
         ${site}
       }
       server {
         listen 127.0.0.1:${port};
         server_name internal.localhost;
         location / { return 200 "${INTERNAL}"; }
       }
     }`,
  )
  return { command: ['/usr/sbin/nginx', '-c', file, '-p', directory] }
}

function node({ port, docroot, log }: Pick<Place, 'port' | 'docroot' | 'log'>) {
  const file = join(import.meta.dirname, 'app.mjs')
  const env = { PORT: String(port), DOCROOT: docroot, LOG: log }
  return { command: [process.execPath, '--insecure-http-parser', file], env }
}
