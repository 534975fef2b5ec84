using System.Diagnostics;
using System.Runtime.Versioning;
using NativeCnn.Interop;
using NativeCnn.Storage;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_made_and_replaced_and_nothing_else_is_left()
    {
        string path = _folder.File("file");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(path, stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_no_other()
    {
        string path = _folder.Write("file", 1, 2, 3);
        Assert.Throws<InvalidOperationException>(() =>
            AtomicFile.Write(
                path,
                stream =>
                {
                    stream.Write([9, 9, 9, 9]);
                    throw new InvalidOperationException();
                }
            )
        );
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_target_that_cannot_be_replaced_leaves_no_temporary_file()
    {
        string path = _folder.File("folder");
        Directory.CreateDirectory(path);
        Exception error = Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, stream => stream.Write([1])));
        Assert.True(error is IOException or UnauthorizedAccessException);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = Path.Combine(_folder.Path, "missing", "file");
        string message = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(path, _ => { })).Message;
        Assert.Contains(Path.Combine(_folder.Path, "missing"), message, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead)]
    [UnsupportedOSPlatform("windows")]
    public void A_file_that_is_replaced_keeps_its_mode(UnixFileMode mode)
    {
        string path = _folder.Write("file", 1);
        File.SetUnixFileMode(path, mode);
        AtomicFile.Write(path, stream => stream.Write([2]));
        Assert.Equal(mode, File.GetUnixFileMode(path));
        Assert.Equal([2], File.ReadAllBytes(path));
    }

    [UnixTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_stays_and_what_it_leads_to_is_replaced(bool exists)
    {
        string folder = _folder.File("elsewhere");
        Directory.CreateDirectory(folder);
        string real = Path.Combine(folder, "file");
        if (exists)
            File.WriteAllBytes(real, [1]);
        File.CreateSymbolicLink(_folder.File("hop"), Path.Combine("elsewhere", "file"));
        File.CreateSymbolicLink(_folder.File("link"), "hop");
        AtomicFile.Write(_folder.File("link"), stream => stream.Write([2]));
        Assert.Equal([2], File.ReadAllBytes(real));
        Assert.Equal("hop", new FileInfo(_folder.File("link")).LinkTarget);
        Assert.Equal([real], Directory.GetFileSystemEntries(folder));
    }

    [UnixTheory]
    [InlineData("loop")]
    public void Links_in_a_circle_are_named(string name)
    {
        File.CreateSymbolicLink(_folder.File(name), name);
        string path = _folder.File(name);
        Assert.Contains(path, Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })).Message);
    }

    // Not tried on a real device: a test that fails would replace it.
    [UnixTheory]
    [InlineData("mkfifo", "pipe")]
    [InlineData("mkdir", "folder")]
    public void What_is_no_file_is_never_replaced(string make, string word)
    {
        string path = _folder.File(word);
        using (Process made = Process.Start(make, [path]))
            made.WaitForExit();
        Assert.Contains(word, Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })).Message);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(FileKind.Device, FileKinds.Of("/dev/zero"));
    }

    [Fact]
    public void The_temporary_file_has_a_name_that_nobody_can_guess_beside_the_file()
    {
        HashSet<string> names = [];
        for (int i = 0; i < 20; i++)
        {
            AtomicFile.Write(
                _folder.File("file"),
                _ =>
                    Assert.True(
                        names.Add(
                            Assert.Single(
                                Directory.GetFiles(_folder.Path, "*.tmp"),
                                file => Path.GetFileName(file).Length == 47
                            )
                        )
                    )
            );
        }
    }

    [Fact]
    public void Only_left_overs_of_this_program_that_nobody_writes_are_removed()
    {
        string leftover = _folder.Write($".nativecnn-{new string('0', 32)}.tmp", 1);
        string upper = _folder.Write($".nativecnn-{new string('A', 32)}.tmp", 1);
        string shorter = _folder.Write($".nativecnn-{new string('0', 31)}.tmp", 1);
        string other = _folder.Write("file.tmp", 1);
        string written = _folder.File("written");
        AtomicFile.Write(
            written,
            stream =>
            {
                stream.Write([7]);
                AtomicFile.RemoveLeftovers(_folder.Path);
            }
        );
        Assert.Equal([7], File.ReadAllBytes(written));
        Assert.Equal(
            new[] { upper, shorter, other, written }.Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)
        );
        Assert.False(File.Exists(leftover));
        AtomicFile.RemoveLeftovers(_folder.File("no such folder"));
    }

    [UnixTheory]
    [InlineData("target")]
    public void A_planted_link_with_the_name_of_a_left_over_is_left_alone(string name)
    {
        string target = _folder.Write(name, 1, 2, 3);
        string link = _folder.File($".nativecnn-{new string('0', 32)}.tmp");
        File.CreateSymbolicLink(link, target);
        AtomicFile.RemoveLeftovers(_folder.Path);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(target));
        Assert.True(File.Exists(link));
    }

    [Fact]
    public void A_message_names_the_file_and_not_the_temporary_one()
    {
        string path = _folder.Write("file", 1, 2, 3);
        string message = Assert
            .Throws<IOException>(() =>
                AtomicFile.Write(path, _ => throw new IOException($"No space left on device : '{path}.tmp'"))
            )
            .Message;
        Assert.Equal($"{path} cannot be written: No space left on device. What was there is unchanged.", message);
    }
}
