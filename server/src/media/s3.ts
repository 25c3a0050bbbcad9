import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { type MediaStore, MediaStoreError, parseMediaName, typeOf } from './media-store.ts'

export interface S3Settings {
  readonly endpoint: string
  readonly region: string
  /** One that holds nothing else. */
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
}

type Sdk = typeof import('@aws-sdk/client-s3')

/** Objects in a bucket of an S3-compatible store: for several servers that share no directory. */
export function makeS3Store(settings: S3Settings): MediaStore {
  const { bucket: Bucket } = settings
  // It is large: who keeps files on the disk never loads it.
  let loading: Promise<{ sdk: Sdk; client: S3Client }> | undefined
  function load() {
    loading ??= import('@aws-sdk/client-s3').then((sdk) => ({ sdk, client: makeClient(sdk, settings) }))
    return loading
  }

  return {
    async put(name, bytes) {
      const { sdk, client } = await load()
      const command = new sdk.PutObjectCommand({ Bucket, Key: name, Body: bytes, ContentType: typeOf(name) })
      await client.send(command).catch(fail(`${name} cannot be stored`))
    },

    async open(name) {
      const type = typeOf(name)
      if (!type) return undefined
      const { sdk, client } = await load()
      const object = await client.send(new sdk.GetObjectCommand({ Bucket, Key: name })).catch((error) => {
        if (error.name !== 'NoSuchKey') fail(`${name} cannot be read`)(error)
      })
      if (object?.ContentLength === undefined) return undefined
      return { size: object.ContentLength, type, bytes: object.Body as Readable }
    },

    async delete(name) {
      const { sdk, client } = await load()
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: name })).catch(fail(`${name} cannot be deleted`))
    },

    async *list(folder) {
      const { sdk, client } = await load()
      let ContinuationToken: string | undefined
      do {
        const command = new sdk.ListObjectsV2Command({ Bucket, Prefix: `${folder}/`, ContinuationToken })
        const page = await client.send(command).catch(fail(`${folder} cannot be listed`))
        for (const { Key = '', LastModified } of page.Contents ?? []) {
          const name = parseMediaName(Key)
          if (name && LastModified) yield { name, storedAt: LastModified }
        }
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken)
    },
  }
}

function makeClient(sdk: Sdk, { endpoint, region, accessKey, secretKey }: S3Settings): S3Client {
  return new sdk.S3Client({
    endpoint,
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // The bucket in the path and no checksums of Amazon's own: what every compatible store understands.
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
  })
}

/** The cause has the store's own words, for the log; its error has the whole request in it, signature and all. */
function fail(what: string): (error: unknown) => never {
  return (error) => {
    const { name, message } = error as Error
    throw new MediaStoreError(what, { cause: Object.assign(new Error(message), { name }) })
  }
}
