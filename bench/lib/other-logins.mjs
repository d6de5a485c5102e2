// What one would take for a Koa application otherwise: each as its own documentation shows it.
import bcrypt from 'bcryptjs'
import basicAuth from 'koa-basic-auth'
import jwt from 'koa-jwt'
import passport from 'koa-passport'
import { BasicStrategy } from 'passport-http'
import { PASSWORD } from './meta.mjs'
import { SECRET } from './token.mjs'

export const OTHER_LOGINS = {
  /** One name, and its password in plain text. */
  'koa-basic-auth': () => basicAuth({ name: 'ann', pass: PASSWORD }),

  /** A bcrypt for each request, on the main thread's event loop (in pieces). */
  'koa-passport': () => {
    const hash = bcrypt.hashSync(PASSWORD, 10)
    passport.use(
      new BasicStrategy((name, password, done) => {
        bcrypt.compare(password, hash).then((right) => done(null, right && { name }), done)
      }),
    )
    return passport.authenticate('basic', { session: false })
  },

  /** Verifies the token's signature for each request. */
  'koa-jwt': () => jwt({ secret: SECRET }),
}
