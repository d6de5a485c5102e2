import type Koa from 'koa'
import type { Context } from 'koa'
import Router from 'koa-router'
import { AuthError } from '../errors.js'
import { errorResponse } from '../middleware/error-response.js'
import { readBody } from '../middleware/read-body.js'
import { openTaskFile, type Task } from './task-file.js'

const BASE = '/kapacitor/v1'

/** What a task's id may be, as in Kapacitor. */
const ID = /^[-._\p{L}0-9]+$/u

/** The fields that a client sets; the rest is the server's. */
const FIELDS = ['type', 'dbrps', 'script', 'status', 'vars', 'template-id']

/**
 * Mounts a small stand-in for Kapacitor's API on `app`: ping, and tasks with create, list, get, patch and
 * delete, kept in `directory`. It runs no tasks. Something to sign in to until an upstream is configured.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if the directory cannot be used
 */
export function mountSampleApi(app: Koa, directory: string): void {
  const tasks = openTaskFile(directory)
  const router = new Router({ prefix: BASE, sensitive: true })

  router.get('/ping', (ctx) => {
    ctx.status = 204
  })
  router.get('/tasks', (ctx) => {
    ctx.body = { tasks: tasks.list() }
  })
  router.post('/tasks', async (ctx) => {
    const fields = await readJson(ctx)
    const id = fields.id ?? crypto.randomUUID()
    if (typeof id !== 'string' || !ID.test(id)) {
      throw new AuthError(
        'ERR_REQUEST_INVALID',
        'task ID must contain only letters, numbers, - . _',
      )
    }
    ctx.body = tasks.change(id, (existing) => {
      if (existing) throw new AuthError('ERR_CONFLICT', `task ${id} already exists`)
      return merge({ id, created: new Date().toISOString() }, fields)
    })
  })
  router.get('/tasks/:id', (ctx) => {
    ctx.body = existing(tasks.get(ctx.params.id as string))
  })
  router.patch('/tasks/:id', async (ctx) => {
    const fields = await readJson(ctx)
    // Looked up after the body has come: meanwhile the task may have been deleted
    ctx.body = tasks.change(ctx.params.id as string, (task) => merge(existing(task), fields))
  })
  router.delete('/tasks/:id', (ctx) => {
    // Like Kapacitor: deleting what is not there is fine
    tasks.change(ctx.params.id as string, () => undefined)
    ctx.status = 204
  })

  app.use(errorResponse())
  app.use(router.routes())
  app.use(() => {
    throw new AuthError('ERR_NOT_FOUND', 'Not Found')
  })
}

function existing(task: Task | undefined): Task {
  if (!task) throw new AuthError('ERR_NOT_FOUND', 'no task exists')
  return task
}

function merge(task: Task, fields: Record<string, unknown>): Task {
  const set = FIELDS.filter((name) => fields[name] !== undefined)
  return {
    link: { rel: 'self', href: `${BASE}/tasks/${encodeURIComponent(task.id)}` },
    status: 'disabled',
    executing: false,
    error: '',
    ...task,
    ...Object.fromEntries(set.map((name) => [name, fields[name]])),
    modified: new Date().toISOString(),
  }
}

/** The request's body as a JSON object, whatever its content type. */
async function readJson(ctx: Context): Promise<Record<string, unknown>> {
  const text = await readBody(ctx.req)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new AuthError('ERR_REQUEST_INVALID', 'body is not valid JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AuthError('ERR_REQUEST_INVALID', 'body must be a JSON object')
  }
  return body as Record<string, unknown>
}
