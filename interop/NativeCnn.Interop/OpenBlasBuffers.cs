using System.Globalization;

namespace NativeCnn.Interop;

/// <summary>
/// The buffers in which OpenBLAS packs matrices, one for each product under way. OpenBLAS maps them when they are first
/// needed and asks for ever where the operating system refuses (a limit on the address space, <c>ulimit -v</c>); so
/// they are mapped here, before the first product, after a try. Whoever multiplies holds one of these objects.
/// </summary>
internal sealed unsafe class OpenBlasBuffers : IDisposable
{
    /// <summary>The most products at once: what the smallest builds have room for.</summary>
    public const int MostThreads = 512;

    // Those of x86-64 are the largest; they are never given back.
    private const long BytesPerBuffer = 128L << 20;

    // OpenBLAS and the Fortran runtime that it brings.
    private const long BytesOfLibraries = 64L << 20;

    private static readonly Lock changes = new();
    private static int wanted;
    private static int mapped;

    private int _threads;

    private OpenBlasBuffers(int threads) => _threads = threads;

    /// <summary>Buffers that others give back are used again.</summary>
    ~OpenBlasBuffers() => Release();

    /// <summary>Maps buffers for this many threads, beside those that others hold.</summary>
    /// <param name="library">OpenBLAS.</param>
    /// <param name="threads">How many products will run at once.</param>
    /// <exception cref="InsufficientMemoryException">The address space does not suffice, or OpenBLAS has no room for so
    /// many threads.</exception>
    public static OpenBlasBuffers Take(LoadedLibrary library, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        lock (changes)
        {
            int total = checked(wanted + threads);
            if (total > MostThreads)
                throw new InsufficientMemoryException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"OpenBLAS has buffers for {MostThreads} threads at once, and {total} would be in use. Use fewer threads."
                    )
                );
            if (total > mapped)
                Map(library, total);
            mapped = Math.Max(mapped, total);
            wanted = total;
        }
        return new OpenBlasBuffers(threads);
    }

    /// <summary>Refuses to load OpenBLAS where the address space does not suffice for it and one thread.</summary>
    /// <exception cref="InsufficientMemoryException">It does not.</exception>
    public static void CheckLoadable()
    {
        if (!IsAvailable(BytesOfLibraries + BytesPerBuffer))
            throw Refused(1);
    }

    /// <summary>Lets others have the buffers.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether this much address space can be had now.</summary>
    internal static bool IsAvailable(long bytes)
    {
        if (OperatingSystem.IsWindows())
            return true;
        const int ReadAndWrite = 3;
        const int Private = 2;
        // Anonymous and without reservation, which each system numbers its own way.
        int flags = OperatingSystem.IsMacOS() ? Private | 0x1000 | 0x40 : Private | 0x20 | 0x4000;
        nint pages = SystemCalls.mmap(0, (nuint)bytes, ReadAndWrite, flags, -1, 0);
        if (pages == -1)
            return false;
        _ = SystemCalls.munmap(pages, (nuint)bytes);
        return true;
    }

    private static void Map(LoadedLibrary library, int total)
    {
        if (!IsAvailable(total * BytesPerBuffer))
            throw Refused(total);
        // Exported by every build for Linux; elsewhere the try has to do.
        if (
            !library.HasExport("blas_memory_alloc", out nint allocate)
            || !library.HasExport("blas_memory_free", out nint free)
        )
            return;
        Span<nint> buffers = stackalloc nint[total];
        int count = 0;
        // Held all at once: one that is free is given again.
        while (count < total && (buffers[count] = ((delegate* unmanaged[Cdecl]<int, nint>)allocate)(0)) != 0)
            count++;
        foreach (nint buffer in buffers[..count])
            ((delegate* unmanaged[Cdecl]<nint, void>)free)(buffer);
        if (count < total)
            throw Refused(total);
    }

    private static InsufficientMemoryException Refused(int threads) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"OpenBLAS needs {BytesPerBuffer >> 20} MB of address space for each thread, {threads * (BytesPerBuffer >> 20)} MB for {threads}, and this process may not have them. Raise the limit on its address space (ulimit -v), use fewer threads, or have .NET reserve less (DOTNET_GCRegionRange=0x20000000)."
            )
        );

    private void Release()
    {
        int threads = Interlocked.Exchange(ref _threads, 0);
        if (threads == 0)
            return;
        lock (changes)
            wanted -= threads;
    }
}
