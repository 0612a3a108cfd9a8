/* SPDX-License-Identifier: MIT */
/* seccomp(2) and landlock(7), asked for by number: no library is needed. */
#include "config.h"

#include "daemon/fence.h"

#include "base/logger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- seccomp ------------------------------------------------------------ */

/* Numbers differ between architectures: on one that is not known here there is
 * no filter. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif
#define X32_BIT 0x40000000U

/* Newer than the headers that we may be built with; the same everywhere. */
#define NR_io_uring_setup 425
#define NR_open_tree 428
#define NR_move_mount 429
#define NR_fsopen 430
#define NR_clone3 435
#define NR_pidfd_getfd 438
#define NR_mount_setattr 442
#define NR_landlock_create_ruleset 444
#define NR_landlock_add_rule 445
#define NR_landlock_restrict_self 446

/* No process of ours makes these, nor a command that tells of an alert. */
static const int refused[] = {
	/* other processes */
	SYS_process_vm_readv, SYS_process_vm_writev, NR_pidfd_getfd, SYS_kcmp,
#ifndef __SANITIZE_ADDRESS__	/* its search for leaks traces itself */
	SYS_ptrace,
#endif
	/* the kernel's rare corners, where most of its faults are found */
	SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, NR_io_uring_setup,
	SYS_add_key, SYS_request_key, SYS_keyctl, SYS_open_by_handle_at,
	/* another view of the system */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
	SYS_setns, NR_open_tree, NR_move_mount, NR_fsopen, NR_mount_setattr,
	/* the system itself */
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_settimeofday,
	SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname,
	SYS_setdomainname, SYS_quotactl, SYS_syslog, SYS_personality,
#ifdef __x86_64__
	SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib,
#endif
};
/* A master runs the operator's commands, its children nothing. */
static const int refused_to_children[] = { SYS_execve, SYS_execveat };

#define FILTER_MAX (2 * (ARRAY_COUNT(refused) + \
			 ARRAY_COUNT(refused_to_children)) + 32)
#define LOAD(member) \
	(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
				     offsetof(struct seccomp_data, member))
#define ANSWER(what) (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(error) ANSWER(SECCOMP_RET_ERRNO | (error))
#define PASS ANSWER(SECCOMP_RET_ALLOW)
/* The next one is done only if it is so. */
#define IF(op, value) \
	(struct sock_filter)BPF_JUMP(BPF_JMP | (op) | BPF_K, \
				     (uint32_t)(value), 0, 1)

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | \
		    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void add(struct filter *f, struct sock_filter step)
{
	must(f->len < FILTER_MAX);
	f->code[f->len++] = step;
}

static void refuse_all(struct filter *f, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add(f, IF(BPF_JEQ, list[i]));
		add(f, REFUSE(EPERM));
	}
}

/* A call that is refused fails, and nobody is killed: a library may try. */
static void make(struct filter *f, bool master)
{
	f->len = 0;
	/* Calls of another architecture have other numbers. */
	add(f, LOAD(arch));
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1,
					    0));
	add(f, REFUSE(ENOSYS));
	add(f, LOAD(nr));
#ifdef __x86_64__
	add(f, IF(BPF_JGE, X32_BIT));
	add(f, REFUSE(ENOSYS));
#endif
	refuse_all(f, refused, ARRAY_COUNT(refused));
	if (!master)
		refuse_all(f, refused_to_children,
			   ARRAY_COUNT(refused_to_children));
	/* What it asks for cannot be seen here; libc then takes clone. */
	add(f, IF(BPF_JEQ, NR_clone3));
	add(f, REFUSE(ENOSYS));
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					    SYS_clone, 0, 3));
	add(f, LOAD(args[0]));
	add(f, IF(BPF_JSET, NAMESPACES));
	add(f, REFUSE(EPERM));
	add(f, PASS);
}

static int seccomp_on(bool master, struct fault *why)
{
	struct filter f;
	struct sock_fprog program = { .filter = f.code };

	if (ARCH == 0 || !fence_has_seccomp())
		return 0;
	make(&f, master);
	program.len = f.len;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "seccomp");
	return 0;
}

bool fence_has_seccomp(void)
{
	const uint32_t wanted = SECCOMP_RET_ERRNO;

	return ARCH != 0 && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0,
				    &wanted) == 0;
}

/* ---- landlock ----------------------------------------------------------- */

/* The kernel's own, with all that its newer versions have. */
struct ruleset {
	uint64_t files;		/* what is refused unless a rule allows it */
	uint64_t network;
	uint64_t scoped;
};

struct __attribute__((packed)) beneath {
	uint64_t allowed;
	int32_t fd;
};

#define RULE_BENEATH 1
#define VERSION_ONLY 1U
#define READ_FILE (1U << 2)
#define READ_DIR (1U << 3)
#define WRITE_FILE (1U << 1)
#define REMOVE_FILE (1U << 5)
#define MAKE_REG (1U << 8)
#define TRUNCATE (1U << 14)
#define REFER (1U << 13)
#define ON_FILES (WRITE_FILE | READ_FILE | TRUNCATE)
#define BIND_TCP 1U
#define SCOPE_ABSTRACT 1U
#define SCOPE_SIGNAL 2U

/* What libraries read while a process runs: their modules, the resolver's and
 * TLS's settings, certificates, time zones. */
static const char *const of_the_system[] = {
	"/etc", "/usr", "/lib", "/lib64", "/dev", "/proc/self", "/proc/sys",
	"/sys/devices/system/cpu", "/run/systemd/resolve", "/run/resolvconf",
	"/run/NetworkManager", "/run/nscd", "/var/lib/ca-certificates",
	"/nix/store", "/gnu/store",
};

int fence_landlock_version(void)
{
	long version = syscall(NR_landlock_create_ruleset, NULL, 0,
			       VERSION_ONLY);

	return version > 0 ? (int)version : 0;
}

static struct ruleset all_of(int version)
{
	/* How many rights to files each version knows. */
	static const unsigned rights[] = { 13, 14, 15, 15 };
	unsigned count = rights[version < 4 ? version - 1 : 3];

	return (struct ruleset){
		.files = (UINT64_C(1) << count) - 1,
		.network = version >= 4 ? BIND_TCP : 0,
		.scoped = version >= 6 ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0,
	};
}

/* What is not there, or may not be looked at, needs no rule. */
static int allow(int set, const char *path, uint64_t rights, struct fault *why)
{
	struct beneath rule = { .allowed = rights };
	struct stat st;
	int result = 0;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd == -1)
		return 0;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= ON_FILES;
	if (syscall(NR_landlock_add_rule, set, RULE_BENEATH, &rule, 0) == -1)
		result = fault_set_errno(why, FAULT_CONFIG, errno,
					 "landlock: %s", path);
	(void)close(rule.fd);
	return result;
}

/* The directory that a file is in: a file that is made anew is another one. */
static const char *directory(const char *path, char room[PATH_MAX])
{
	struct stat st;
	char *slash;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return path;
	(void)snprintf(room, PATH_MAX, "%s", path);
	slash = strrchr(room, '/');
	if (!slash || slash == room)
		return path;
	*slash = '\0';
	return room;
}

/* Links in a directory lead where they lead: a sysadmin put them there. */
static int allow_links(int set, const char *path, uint64_t rights,
		       struct fault *why)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char whole[PATH_MAX];
	int result = 0;

	if (!dir)
		return 0;
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_LNK &&
		    snprintf(whole, sizeof(whole), "%s/%s", path,
			     entry->d_name) < (int)sizeof(whole))
			result = allow(set, whole, rights, why);
	(void)closedir(dir);
	return result;
}

static int allow_list(int set, const char *const *list, uint64_t rights,
		      struct fault *why)
{
	char room[PATH_MAX];

	for (; *list; list++)
		if (**list == '/' && allow(set, directory(*list, room), rights,
					   why) == -1)
			return -1;
	return 0;
}

static int rules(int set, const struct fence *f, const struct ruleset *all,
		 struct fault *why)
{
	uint64_t reading = READ_FILE | READ_DIR;
	uint64_t writing = all->files & (ON_FILES | READ_DIR | REMOVE_FILE |
					 MAKE_REG | REFER);

	for (size_t i = 0; i < ARRAY_COUNT(of_the_system); i++)
		if (allow(set, of_the_system[i], reading, why) == -1)
			return -1;
#ifdef CRASH_POINTS
	/* By this file a test says who is to die. */
	const char *const crash[] = { getenv("RESERVOIR_CRASH"), NULL };

	if (crash[0] && allow_list(set, crash, writing, why) == -1)
		return -1;
#endif
	if (allow(set, "/dev/null", all->files & ON_FILES, why) == -1 ||
	    allow_list(set, f->read, reading, why) == -1)
		return -1;
	for (size_t i = 0; f->read[i]; i++)
		if (allow_links(set, f->read[i], reading, why) == -1)
			return -1;
	return allow_list(set, f->write, writing, why);
}

static int landlock_on(const struct fence *f, struct fault *why)
{
	int version = fence_landlock_version();
	struct ruleset all;
	int result = -1;
	int set;

	if (version == 0)
		return 0;
	all = all_of(version);
	if (f->binds)
		all.network = 0;
	set = (int)syscall(NR_landlock_create_ruleset, &all, sizeof(all), 0);
	if (set == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno, "landlock");
	if (rules(set, f, &all, why) == 0) {
		result = (int)syscall(NR_landlock_restrict_self, set, 0);
		if (result == -1)
			(void)fault_set_errno(why, FAULT_CONFIG, errno,
					      "landlock");
	}
	(void)close(set);
	return result;
}

/* ---- both --------------------------------------------------------------- */

/* A kernel without it says so in another way: this one has it, and somebody
 * above us, such as a unit's SystemCallFilter, does not let us ask. */
static void tell_if_forbidden(const char *name, bool usable)
{
	if (!usable && errno == EPERM)
		log_warning("may not use %s: a filter above us forbids it",
			    name);
}

int fence_master(const struct fence *f, struct fault *why)
{
	errno = 0;
	if (f->landlock)
		tell_if_forbidden("landlock", fence_landlock_version() > 0);
	if (f->seccomp)
		tell_if_forbidden("seccomp", fence_has_seccomp());
	return f->seccomp ? seccomp_on(true, why) : 0;
}

int fence_child(const struct fence *f, struct fault *why)
{
	if (f->landlock && landlock_on(f, why) == -1)
		return -1;
	return f->seccomp ? seccomp_on(false, why) : 0;
}
