/**
 * Settings for tests. The keys are test-only values, committed so that failures repeat; no Koppel
 * that anybody uses has them.
 */

const testSealingKey = {
  kty: "oct",
  kid: "test-seal-1",
  alg: "A256GCMKW",
  k: "ZAALBd9zh303EppwuJiDh84Dqsh-xP2a1smluiy6k0Q",
}

const testSigningKey = {
  kty: "EC",
  kid: "test-sign-1",
  alg: "ES256",
  use: "sig",
  crv: "P-256",
  x: "jNn6L3FK8TiWAIg5RMntVZnHGE4XSjsE1aUCZiH9ruo",
  y: "G2DJKiIbjyl4O7sZNIsypG1DovtpJAEMu7fWtJoL0bI",
  d: "AYuLTCuUKoZF1ckeKw-WqCd9_hRKo4TN9B9ODFzDNrM",
}

/** Every var and secret of the Worker, as tests run it. */
export const testBindings = {
  ISSUER: "http://localhost:8787",
  RATE_LIMITS: "off",
  SEALING_KEYS: JSON.stringify({ keys: [testSealingKey] }),
  SIGNING_KEYS: JSON.stringify({ keys: [testSigningKey] }),
  FINGERPRINT_KEY: "WdmOww7-gLvoSmgUB9cBNcFBJdwTbH20JwECc2sPH0k",
  REGISTRATION_TOKEN: "reg_VA_yGOn7m83wS_mxVL6l4kK6CSnq4ZJT1C8e8BkQxxk",
}
