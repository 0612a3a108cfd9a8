/* SPDX-License-Identifier: MIT */
/* What a process that was taken over can still ask of the kernel. */
#include "config.h"

#include "daemon/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/t_fence.XXXXXX";

static const struct fence both = { .seccomp = true, .landlock = true,
				   .write = { dir } };

/* Runs a body in a child behind a fence; its result. */
static int in_child(int (*fence)(const struct fence *, struct fault *),
		    const struct fence *f, int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct fault why;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    fence(f, &why) == -1)
			_exit(99);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define REFUSED(call) \
	do { \
		errno = 0; \
		if ((long)(call) != -1 || errno != EPERM) { \
			(void)fprintf(stderr, "%s: %s\n", #call, \
				      strerror(errno)); \
			return __LINE__ % 200 + 1; \
		} \
	} while (0)

static int try_others(void)
{
	char *const argv[] = { (char *)(uintptr_t)"true", NULL };
	char *const none[] = { NULL };
	char byte;
	struct iovec here = { &byte, 1 };

	REFUSED(execve("/bin/true", argv, none));
	REFUSED(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, none, 0));
	REFUSED(process_vm_readv(getppid(), &here, 1, &here, 1, 0));
	REFUSED(process_vm_writev(getppid(), &here, 1, &here, 1, 0));
	REFUSED(syscall(438, 3, 0, 0));			/* pidfd_getfd */
	return 0;
}

static int try_kernel(void)
{
	REFUSED(mount("none", "/tmp", "tmpfs", 0, NULL));
	REFUSED(umount2("/tmp", 0));
	REFUSED(chroot("/"));
	REFUSED(syscall(SYS_unshare, CLONE_NEWUSER));
	REFUSED(syscall(SYS_setns, 0, 0));
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	REFUSED(syscall(SYS_bpf, 0, NULL, 0));
	REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
	REFUSED(syscall(SYS_add_key, "user", "x", "x", 1, -1));
	REFUSED(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
	REFUSED(syscall(SYS_userfaultfd, 0));
	REFUSED(syscall(425, 1, NULL));			/* io_uring_setup */
	REFUSED(syscall(SYS_init_module, NULL, 0, ""));
	REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0));
	REFUSED(syscall(SYS_personality, 0xffffffff));
	return 0;
}

static void a_child_runs_no_program_and_looks_into_no_process(void **state)
{
	(void)state;
	if (fence_has_seccomp())
		assert_int_equal(in_child(fence_child, &both, try_others), 0);
}

static void nobody_reaches_the_rare_corners_of_the_kernel(void **state)
{
	(void)state;
	if (!fence_has_seccomp())
		return;
	assert_int_equal(in_child(fence_child, &both, try_kernel), 0);
	assert_int_equal(in_child(fence_master, &both, try_kernel), 0);
}

static int run_program(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", "exec true", (char *)NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 1;
}

static void a_master_runs_the_commands_of_the_settings(void **state)
{
	(void)state;
	assert_int_equal(in_child(fence_master, &both, run_program), 0);
}

#define FORBIDDEN(call) \
	do { \
		errno = 0; \
		if ((long)(call) != -1 || errno != EACCES) { \
			(void)fprintf(stderr, "%s: %s\n", #call, \
				      strerror(errno)); \
			return __LINE__ % 200 + 1; \
		} \
	} while (0)

static int try_files(void)
{
	char inside[64];
	int fd;

	(void)snprintf(inside, sizeof(inside), "%s/log", dir);
	fd = open(inside, O_CREAT | O_APPEND | O_WRONLY, 0600);
	if (fd == -1 || close(fd) == -1 || unlink(inside) == -1)
		return 1;
	fd = open("/etc/passwd", O_RDONLY);
	if (fd == -1 || close(fd) == -1)
		return 2;
	FORBIDDEN(open("/etc/passwd", O_WRONLY));
	FORBIDDEN(open("/tmp/t_fence.other", O_CREAT | O_WRONLY, 0600));
	FORBIDDEN(open("/var/log", O_RDONLY | O_DIRECTORY));
	FORBIDDEN(open("/root", O_RDONLY | O_DIRECTORY));
	FORBIDDEN(mkdir("/tmp/t_fence.dir", 0700));
	FORBIDDEN(symlink("/", "/tmp/t_fence.link"));
	FORBIDDEN(unlink("/etc/passwd"));
	return 0;
}

static void a_child_sees_no_file_that_is_not_its_business(void **state)
{
	(void)state;
	if (fence_landlock_version() > 0)
		assert_int_equal(in_child(fence_child, &both, try_files), 0);
}

static int try_outside(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	REFUSED(kill(getppid(), 0));
	FORBIDDEN(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	return kill(getpid(), 0) == 0 && close(fd) == 0 ? 0 : 1;
}

static void a_child_signals_and_serves_nobody(void **state)
{
	(void)state;
	if (fence_landlock_version() >= 6)
		assert_int_equal(in_child(fence_child, &both, try_outside),
				 0);
}

static int signal_parent(void)
{
	return kill(getppid(), 0) == 0 ? run_program() : 1;
}

static void without_either_all_is_as_before(void **state)
{
	static const struct fence none = { .seccomp = false };

	(void)state;
	assert_int_equal(in_child(fence_child, &none, signal_parent), 0);
	assert_int_equal(in_child(fence_master, &none, signal_parent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_child_runs_no_program_and_looks_into_no_process),
		cmocka_unit_test(nobody_reaches_the_rare_corners_of_the_kernel),
		cmocka_unit_test(a_master_runs_the_commands_of_the_settings),
		cmocka_unit_test(a_child_sees_no_file_that_is_not_its_business),
		cmocka_unit_test(a_child_signals_and_serves_nobody),
		cmocka_unit_test(without_either_all_is_as_before),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(dir) == -1 ? 1 : failed;
}
