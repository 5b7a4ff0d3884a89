import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import express from 'express';
import { refuseOtherMethods } from './common/other-methods.js';
import { openApi } from './contract/open-api.js';

/** An application for the routes of the description, because routes cannot be added to one that listens. */
@Module({})
class DocsModule {}

/** Serves the OpenAPI description of all routes, and pages that show it, at `path` and below. */
export async function describeApi(path: string): Promise<express.Express> {
  const docs = express();
  const shell = await NestFactory.create<NestExpressApplication>(DocsModule, new ExpressAdapter(docs), {
    logger: false,
    abortOnError: false,
  });
  const document = openApi();
  // Its type is that of OpenAPI 3.0, where a schema could say less.
  SwaggerModule.setup(path.slice(1), shell, document as unknown as OpenAPIObject);
  docs.use(refuseOtherMethods(docs));
  return docs;
}
