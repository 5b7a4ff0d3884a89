import { Module } from '@nestjs/common';
import { DoctorController } from './doctor.controller.js';
import { DoctorService } from './doctor.service.js';

/** The system check of the running server; on the command line it is `doctor.cli.ts`. */
@Module({ controllers: [DoctorController], providers: [DoctorService] })
export class DoctorModule {}
