export { hasCluster } from './cluster.ts'
export { type EmbeddedPostgres, type JoinOptions, joinEmbeddedPostgres } from './embedded-postgres.ts'
export { EmbeddedPostgresError } from './error.ts'
