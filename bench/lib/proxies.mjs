// nginx and Caddy as reverse proxies with one user, `ann`, and as an upstream.
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { listening } from './daemons.mjs'
import { freePort, start } from './own-processes.mjs'

/** How a user's hash got here costs as much in each. */
export const COST = 10

const isRoot = process.getuid() === 0

/**
 * @param dir for their files
 * @param hash of ann's password
 * @param upstream tells the port that they forward to
 */
export function createProxies({ dir, hash, upstream }) {
  let made = 0

  /** Its Caddyfile has it remember passwords that were right (`hash_cache`), in plain text, for as long as it runs. */
  async function startCaddy({ auth = true, workers, log }) {
    const port = await freePort()
    const own = `${dir}/caddy-${made++}`
    mkdirSync(own)
    writeFileSync(
      `${own}/Caddyfile`,
      `{
        admin off
        auto_https off
      }
      http://:${port} {
        bind 127.0.0.1
        ${log ? 'log' : ''}
        ${auth ? `basicauth {\n ann ${hash}\n }` : ''}
        reverse_proxy 127.0.0.1:${upstream()}
      }`,
    )
    const env = { ...process.env, HOME: own, XDG_CONFIG_HOME: own, XDG_DATA_HOME: own }
    if (workers) env.GOMAXPROCS = String(workers)
    const output = openSync(`${own}/log`, 'a')
    const args = ['run', '--adapter', 'caddyfile', '--config', `${own}/Caddyfile`]
    return listening(start('caddy', args, { env, stdio: ['ignore', output, output] }), port)
  }

  async function startNginx({ auth = true, ...options }) {
    const port = await freePort()
    const users = `${dir}/htpasswd`
    writeFileSync(users, `ann:${hash}\n`)
    const site = `location / {
        ${auth ? `auth_basic kapacitor; auth_basic_user_file ${users};` : ''}
        proxy_pass http://upstream;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
      }`
    const before = `upstream upstream { server 127.0.0.1:${upstream()}; keepalive 64; keepalive_requests 1000000; }`
    return startWithNginx({ port, site, before, ...options })
  }

  /** nginx with a ready-made answer. */
  async function startUpstream(json) {
    const port = await freePort()
    const site = `location / { default_type application/json; return 200 '${json}'; }`
    return startWithNginx({ port, site, before: '', workers: 1 })
  }

  async function startWithNginx({ port, site, before, workers, log }) {
    const own = `${dir}/nginx-${made++}`
    mkdirSync(own)
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    writeFileSync(
      `${own}/nginx.conf`,
      `${isRoot ? 'user root;' : ''}
      daemon off;
      pid ${own}/pid;
      error_log ${own}/error.log;
      worker_processes ${workers};
      events {}
      http {
        access_log ${log ? `${own}/access.log` : 'off'};
        ${temporary.map((what) => `${what}_temp_path ${own}/${what};`).join(' ')}
        keepalive_requests 1000000;
        ${before}
        server { listen 127.0.0.1:${port}; ${site} }
      }`,
    )
    const args = ['-p', own, '-c', `${own}/nginx.conf`, '-e', `${own}/error.log`]
    return listening(start('nginx', args, { lastResort: 'SIGTERM', stdio: 'inherit' }), port)
  }

  return { startCaddy, startNginx, startUpstream }
}
