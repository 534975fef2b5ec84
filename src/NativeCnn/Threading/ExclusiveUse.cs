namespace NativeCnn.Threading;

/// <summary>
/// Lets one thread at a time use something; a second one is refused with a sentence, as is use after closing.
/// </summary>
/// <param name="describe">What is used, for messages.</param>
internal sealed class ExclusiveUse(Func<string> describe)
{
    private const int Free = 0;
    private const int Closed = -1;

    private int _user;

    /// <summary>Begins the use.</summary>
    /// <exception cref="InvalidOperationException">Another thread uses it, or this one already does.</exception>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public void Enter() => Take(Environment.CurrentManagedThreadId);

    /// <summary>Refuses a closed one.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public void CheckOpen()
    {
        if (Volatile.Read(ref _user) == Closed)
            throw Disposed(describe());
    }

    /// <summary>Ends the use.</summary>
    public void Leave() => Volatile.Write(ref _user, Free);

    /// <summary>Begins the use, which ends where the scope does.</summary>
    public Scope Hold()
    {
        Enter();
        return new Scope(this);
    }

    /// <summary>Closes it for ever; false if it was closed before.</summary>
    /// <exception cref="InvalidOperationException">It is in use.</exception>
    public bool Close()
    {
        if (Volatile.Read(ref _user) == Closed)
            return false;
        Take(Closed);
        return true;
    }

    /// <summary>Undoes <see cref="Close"/>, where what was to be ended with it could not be.</summary>
    public void Reopen() => Volatile.Write(ref _user, Free);

    /// <summary>A use; disposing it ends it.</summary>
    public readonly ref struct Scope(ExclusiveUse use)
    {
        public void Dispose() => use.Leave();
    }

    private void Take(int user)
    {
        int found = Interlocked.CompareExchange(ref _user, user, Free);
        if (found == Free)
            return;
        string what = describe();
        if (found == Closed)
            throw Disposed(what);
        throw new InvalidOperationException(
            $"The {what} is in use by another call. Give each thread one of its own, or take turns."
        );
    }

    private static ObjectDisposedException Disposed(string what) => new(what, $"The {what} was disposed.");
}
