CREATE TABLE `admins` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`username` text(100) NOT NULL,
	`name` text(200),
	`email` text(320),
	`role` text(50),
	`username_key` text,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `admins_username` ON `admins` (`username_key`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `announcements` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`title` text(200) NOT NULL,
	`body` text(10000),
	`shown_from` integer,
	`shown_until` integer,
	`pinned` text DEFAULT 'no' NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `available_rituals` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`description` text(2000),
	`price` integer,
	`minutes` integer,
	`category` text(100),
	`offered` text DEFAULT 'yes' NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `bookings` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`ritual_id` text(200),
	`devotee_id` text(200),
	`devotee_name` text(200) NOT NULL,
	`phone` text(40),
	`starts_at` integer,
	`people` integer,
	`amount` integer,
	`status` text DEFAULT 'requested' NOT NULL,
	`note` text(2000),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `devotees` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`phone` text(40),
	`email` text(320),
	`address` text(500),
	`birth_star` text(50),
	`note` text(2000),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `donations` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`devotee_id` text(200),
	`donor_name` text(200),
	`amount` integer NOT NULL,
	`currency` text(3) DEFAULT 'INR' NOT NULL,
	`purpose` text(200),
	`method` text,
	`receipt_number` text(50),
	`given_at` integer,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `employee_bookings` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`booking_id` text(200) NOT NULL,
	`employee_id` text(200) NOT NULL,
	`duty` text(100),
	`status` text DEFAULT 'assigned' NOT NULL,
	`note` text(2000),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `employees` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`employee_id` text(50) NOT NULL,
	`name` text(200) NOT NULL,
	`role` text(100),
	`phone` text(40),
	`email` text(320),
	`hired_on` text(10),
	`monthly_pay` integer,
	`active` text DEFAULT 'yes' NOT NULL,
	`employee_id_key` text,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `employees_employee_id` ON `employees` (`employee_id_key`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `events` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`title` text(200) NOT NULL,
	`description` text(2000),
	`starts_at` integer,
	`ends_at` integer,
	`place` text(200),
	`capacity` integer,
	`image_url` text(2000),
	`status` text DEFAULT 'planned' NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `expenses` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`description` text(200) NOT NULL,
	`category` text(100),
	`amount` integer NOT NULL,
	`currency` text(3) DEFAULT 'INR' NOT NULL,
	`paid_to` text(200),
	`paid_at` integer,
	`approved_by` text(200),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `feedback` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200),
	`email` text(320),
	`rating` integer,
	`message` text(5000) NOT NULL,
	`status` text DEFAULT 'new' NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `festivals` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`deity` text(100),
	`begins_on` text(10),
	`ends_on` text(10),
	`budget` integer,
	`description` text(2000),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `gallery_images` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`title` text(200),
	`image_url` text(2000) NOT NULL,
	`event_id` text(200),
	`taken_on` text(10),
	`position` integer,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inventory_items` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`category` text(100),
	`quantity` integer DEFAULT 0 NOT NULL,
	`unit` text(20),
	`reorder_at` integer,
	`place` text(200),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shifts` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`held_on` text(10) NOT NULL,
	`begins` text(5),
	`ends` text(5),
	`employee_id` text(200),
	`volunteer_id` text(200),
	`duty` text(100),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `volunteers` (
	`id` text(200) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`phone` text(40),
	`email` text(320),
	`skills` text(500),
	`available` text(200),
	`active` text DEFAULT 'yes' NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `config_history` (
	`key` text NOT NULL,
	`at` integer NOT NULL,
	`n` integer NOT NULL,
	`value` text,
	`actor` text NOT NULL,
	PRIMARY KEY(`key`, `at`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sync_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`nudge` text,
	`device` text,
	`user_id` text,
	`trigger` text NOT NULL,
	`started_at` integer NOT NULL,
	`status` text NOT NULL,
	`finished_at` integer,
	`pushed` text DEFAULT '{}' NOT NULL,
	`pulled` text DEFAULT '{}' NOT NULL,
	`conflicts` text DEFAULT '{}' NOT NULL,
	`error` text,
	`lease_until` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sync_logs_nudge` ON `sync_logs` (`nudge`) WHERE nudge IS NOT NULL;--> statement-breakpoint
DROP INDEX `conflicts_open`;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `op` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `holder` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `said_at` integer;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `resolved_version` integer;--> statement-breakpoint
CREATE INDEX `conflicts_row` ON `conflicts` (`tbl`,`key`) WHERE resolved_at IS NULL;